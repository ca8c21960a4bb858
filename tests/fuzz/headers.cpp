// The hub checks headers and looks at a Publish without decoding either: it must agree with the decoder.
#include "proto/codec.hpp"
#include "proto/hot.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  const auto bytes = fuzz::view(data, size);
  if (size <= 0xffff) {
    std::string sized = {static_cast<char>(size & 0xff), static_cast<char>(size >> 8)};
    sized += bytes;
    const bool good = proto::decode_value<proto::Headers>(sized).has_value();
    fuzz::promise(proto::are_headers(bytes) == good, "check and decoder agree on headers");
  }
  const auto view = proto::PublishView::parse(bytes);
  const auto whole = proto::decode_value<proto::Publish>(bytes);
  fuzz::promise((view && proto::are_headers(view->headers)) == whole.has_value(), "view and decoder agree");
  if (whole) {
    fuzz::promise(view->body == whole->body.bytes && view->room == whole->room && view->id == whole->id &&
                      view->kind == whole->kind && view->flags == whole->flags,
                  "view and decoder see the same");
  }
  return 0;
}
