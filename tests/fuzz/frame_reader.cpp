// A stream of bytes, cut as the first two bytes say: the frames don't depend on the cuts, and what waits is what came.
#include <string>
#include <utility>
#include <vector>

#include "common/frame_reader.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using hubbub::FrameReader;
using hubbub::fuzz::promise;
using Frames = std::vector<std::pair<int, std::string>>;

struct Read {
  Frames frames;
  FrameReader::Outcome outcome = FrameReader::Outcome::all_read;
};

Read read(std::string_view stream, std::size_t piece_bytes, std::size_t payload_bytes_max) {
  Read done;
  FrameReader reader(payload_bytes_max);
  std::size_t fed = 0;
  while (!stream.empty() && done.outcome == FrameReader::Outcome::all_read) {
    const std::string piece(stream.substr(0, piece_bytes));  // a copy, so that a view kept too long is an error
    stream.remove_prefix(piece.size());
    fed += piece.size();
    done.outcome = reader.feed(piece, [&](hubbub::proto::Frame frame) {
      promise(frame.payload.size() <= payload_bytes_max, "no frame is larger than allowed");
      done.frames.emplace_back(frame.type, frame.payload);
      return true;
    });
    promise(reader.waiting_bytes() <= fed, "no more waits than came");
  }
  return done;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t payload_bytes_max = std::size_t{data[0]} * 16;
  const std::size_t piece_bytes = 1 + data[1];
  const auto stream = hubbub::fuzz::view(data + 2, size - 2);
  const auto whole = read(stream, size, payload_bytes_max);
  const auto cut = read(stream, piece_bytes, payload_bytes_max);
  promise(whole.frames == cut.frames && whole.outcome == cut.outcome, "the cuts don't matter");
  return 0;
}
