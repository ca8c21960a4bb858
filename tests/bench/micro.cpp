// hubbub_microbench: what the wire's hot messages cost by themselves. The hub's whole path is hubbub_bench's matter.
#include <benchmark/benchmark.h>

#include "proto/codec.hpp"
#include "proto/hot.hpp"

namespace {

using namespace hubbub;
using namespace hubbub::proto;

std::string publish_frame(std::size_t body_bytes) {
  const std::string body(body_bytes, 'x');
  Publish message;
  message.room = RoomId{7};
  message.kind = Kind::data;
  message.body = Rest{body};
  return encoded(message);
}

Frame frame_in(std::string_view bytes) {
  return {read_frame_header(bytes.data()).type, bytes.substr(frame_header_bytes)};
}

void look_at_publish(benchmark::State& state) {
  const auto bytes = publish_frame(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto view = PublishView::parse(frame_in(bytes).payload);
    benchmark::DoNotOptimize(view);
  }
}
BENCHMARK(look_at_publish)->Arg(16)->Arg(128)->Arg(1024);

void write_one_delivery(benchmark::State& state) {
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  std::string out(delivery_frame_bytes(5, 0, body.size()), '\0');
  DeliveryPlace place{.room = RoomId{7}, .seq = Seq{1}, .time = WallTime{1}, .kind = Kind::data, .from = "bench"};
  for (auto _ : state) {
    place.seq = place.seq.next();
    benchmark::DoNotOptimize(write_delivery(out.data(), place, {}, body));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(write_one_delivery)->Arg(16)->Arg(128)->Arg(1024);

/// The same two by cereal and the structs, as everything but the hot path has it.
void decode_publish(benchmark::State& state) {
  const auto bytes = publish_frame(128);
  for (auto _ : state) {
    auto message = decode_from_client(frame_in(bytes));
    benchmark::DoNotOptimize(message);
  }
}
BENCHMARK(decode_publish);

void encode_delivery(benchmark::State& state) {
  const std::string body(128, 'x');
  Delivery message;
  message.from = PersonName::literal("bench");
  message.body = Rest{body};
  std::string out;
  for (auto _ : state) {
    out.clear();
    encode(message, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(encode_delivery);

void match_pattern(benchmark::State& state) {
  const auto pattern = Pattern::literal("ci.*.linux.>");
  const auto room = RoomName::literal("ci.main.linux.gcc.debug");
  for (auto _ : state) benchmark::DoNotOptimize(matches(pattern, room));
}
BENCHMARK(match_pattern);

}  // namespace

BENCHMARK_MAIN();
