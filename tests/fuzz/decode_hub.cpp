// A frame from a hub: a message or an error, and the result in a Reply for every method that there is.
#include "tests/fuzz/round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  if (size < 1) return 0;
  const auto message = fuzz::decode_frame(proto::decode_from_hub, data, size);
  if (!message) return 0;
  if (const auto* const reply = std::get_if<proto::Reply>(&*message)) {
    EachOf<proto::Methods>::call(
        [&]<class Method>() { fuzz::round_trip<typename Method::Reply>(reply->result.bytes); });
    fuzz::round_trip<proto::ServiceReply>(reply->result.bytes);
  }
  if (const auto* const retained = std::get_if<proto::Retained>(&*message))
    fuzz::round_trip<proto::Delivery>(retained->delivery.bytes);
  return 0;
}
