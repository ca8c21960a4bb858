#include "server/log/sqlite/publish_runs.hpp"

namespace hubbub::server::sqlite {

namespace {

constexpr std::size_t hash_bytes = sizeof(std::uint64_t);

void append_varint(std::string& column, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) column += static_cast<char>(value | 0x80);
  column += static_cast<char>(value);
}

void append_bytes(std::string& column, const void* from, std::size_t bytes) {
  column.append(static_cast<const char*>(from), bytes);
}

/// Takes what is asked for off the front; once something was missing, everything is.
class Input {
 public:
  explicit Input(std::string_view left) : left_(left) {}
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  [[nodiscard]] bool has(std::uint64_t items, std::size_t bytes_each) const {
    return items <= left_.size() / bytes_each;
  }

  void take(void* to, std::size_t bytes) {
    if (bytes > left_.size()) return lose();
    left_.copy(static_cast<char*>(to), bytes);
    left_.remove_prefix(bytes);
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    lose();
    return 0;
  }

  void lose() {
    failed_ = true;
    left_ = {};
  }

 private:
  std::string_view left_;
  bool failed_ = false;
};

PublishRun take_run(Input& in) {
  PublishRun run;
  in.take(run.producer.bytes.data(), run.producer.bytes.size());
  run.epoch = in.varint();
  run.first.value = in.varint();
  run.at.value = in.varint();
  const auto count = in.varint();
  if (in.has(count, hash_bytes)) {
    run.hashes.resize(count);
    in.take(run.hashes.data(), count * hash_bytes);
  } else {
    in.lose();
  }
  return run;
}

}  // namespace

void append_runs(std::string& column, std::span<const PublishRun> runs) {
  for (const auto& run : runs) {
    append_bytes(column, run.producer.bytes.data(), run.producer.bytes.size());
    append_varint(column, run.epoch);
    append_varint(column, run.first.value);
    append_varint(column, run.at.value);
    append_varint(column, run.hashes.size());
    append_bytes(column, run.hashes.data(), run.hashes.size() * hash_bytes);
  }
}

std::string encode_recent(std::span<const KeptProducer::Taken> recent) {
  std::string column;
  Seq before;
  for (const auto& taken : recent) {
    append_varint(column, taken.seq.value - before.value);
    append_bytes(column, &taken.hash, hash_bytes);
    before = taken.seq;
  }
  return column;
}

std::optional<std::vector<PublishRun>> decode_runs(std::string_view column) {
  std::vector<PublishRun> runs;
  for (Input in(column); !in.at_end();) {
    runs.push_back(take_run(in));
    if (in.failed()) return std::nullopt;
  }
  return runs;
}

std::optional<std::vector<KeptProducer::Taken>> decode_recent(std::string_view column) {
  std::vector<KeptProducer::Taken> recent;
  Seq before;
  for (Input in(column); !in.at_end();) {
    KeptProducer::Taken taken;
    taken.seq.value = before.value + in.varint();
    in.take(&taken.hash, hash_bytes);
    if (in.failed()) return std::nullopt;
    before = taken.seq;
    recent.push_back(taken);
  }
  return recent;
}

}  // namespace hubbub::server::sqlite
