// A frame from a client: a message or an error, and the arguments in a Call for every method that there is.
#include "tests/fuzz/round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  if (size < 1) return 0;
  (void)proto::HelloStart::read(fuzz::view(data, size));
  const auto message = fuzz::decode_frame(proto::decode_from_client, data, size);
  if (!message) return 0;
  if (const auto* const call = std::get_if<proto::Call>(&*message)) {
    EachOf<proto::Methods>::call([&]<class Method>() { fuzz::round_trip<Method>(call->arguments.bytes); });
    fuzz::round_trip<proto::ServiceCall>(call->arguments.bytes);
  }
  return 0;
}
