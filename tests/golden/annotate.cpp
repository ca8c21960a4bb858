#include "tests/golden/annotate.hpp"

#include <fmt/format.h>

#include "proto/methods.hpp"
#include "tests/golden/reflect.hpp"

namespace hubbub::proto {

namespace {

constexpr std::size_t bytes_a_line = 8;

std::string hex(std::string_view bytes) {
  std::string shown;
  for (const char byte : bytes)
    shown += fmt::format("{}{:02x}", shown.empty() ? "" : " ", static_cast<unsigned char>(byte));
  return shown;
}

std::string in_quotes(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text) {
    const bool plain = is_utf8(text) && static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != 0x7f;
    shown += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return shown + '"';
}

class Annotator {
 public:
  /// `of_call`: it is a Call or a Reply, whose rest is that of a method.
  explicit Annotator(std::string_view method, bool of_call = false) : method_(method), of_call_(of_call) {}

  template <class... Fields>
  void operator()(Fields&&... fields) {
    (visit(fields), ...);
  }
  void line(std::string_view bytes, const std::string& meaning) {
    lines_ += fmt::format("{:<{}}  {}\n", hex(bytes.substr(0, bytes_a_line)), bytes_a_line * 3 - 1, meaning);
    for (auto at = bytes_a_line; at < bytes.size(); at += bytes_a_line)
      lines_ += hex(bytes.substr(at, bytes_a_line)) + '\n';
  }
  [[nodiscard]] const std::string& lines() const { return lines_; }

 private:
  template <class T>
  void visit(cereal::NameValuePair<T>& field) {
    flush_magic();
    show(field.name, field.value);
  }
  void visit(char& c) { magic_ += c; }
  void flush_magic() {
    if (!magic_.empty()) line(magic_, "magic = " + in_quotes(magic_));
    magic_.clear();
  }

  template <class T>
  void leaf(const std::string& name, const T& value, const std::string& shown) {
    std::string bytes;
    encode_value(value, bytes);
    line(bytes, name + " = " + shown);
  }

  template <class T>
  void show(const std::string& name, T& value) {
    if constexpr (std::is_same_v<T, bool>)
      leaf(name, value, value ? "true" : "false");
    else if constexpr (std::is_same_v<T, CloseReason>)
      leaf(name, value, fmt::format("{} {}", static_cast<int>(value), row_of(value).name));
    else if constexpr (std::is_enum_v<T>)
      leaf(name, value, fmt::format("{} {}", static_cast<int>(value), name_of(value)));
    else if constexpr (std::is_integral_v<T>)
      leaf(name, value, std::to_string(value));
    else if constexpr (std::is_same_v<T, WallTime>)
      leaf(name, value, std::to_string(value.ns));
    else if constexpr (requires { std::to_string(value.value); })
      leaf(name, value, std::to_string(value.value));
    else
      show_object(name, value);
    if constexpr (std::is_same_v<T, Status>) status_ = value;
    if constexpr (std::is_same_v<T, MethodName>) method_ = value.str();
  }

  template <class T>
  requires requires(T& value, Annotator& self) { value.serialize(self); }
  void show_object(const std::string& name, T& value) {
    Annotator inner(method_);
    value.serialize(inner);
    lines_ += prefixed(name + '.', inner.lines());
  }
  template <class Rule>
  void show_object(const std::string& name, Checked<Rule>& text) {
    leaf(name, text, in_quotes(text.str()));
  }
  template <class Tag>
  void show_object(const std::string& name, Random128<Tag>& id) {
    leaf(name, id, "16 bytes");
  }
  template <class T>
  void show_object(const std::string& name, std::vector<T>& list) {
    const auto count = static_cast<std::uint16_t>(list.size());
    leaf(name, count, fmt::format("a list of {}", count));
    for (std::size_t at = 0; at < list.size(); ++at) show(fmt::format("{}[{}]", name, at), list[at]);
  }
  void show_object(const std::string& name, Headers& headers) {
    std::string bytes;
    encode_value(headers, bytes);
    line(bytes.substr(0, 2), fmt::format("{} = {} bytes of them", name, bytes.size() - 2));
    for (std::size_t at = 0; at < headers.list.size(); ++at) {
      const auto& [key, value] = headers.list[at];
      std::string size(2, static_cast<char>(value.size() & 0xff));
      size[1] = static_cast<char>(value.size() >> 8);
      line(static_cast<char>(key.size()) + key, fmt::format("{}[{}].key = {}", name, at, in_quotes(key)));
      line(size + value, fmt::format("{}[{}].value = {}", name, at, in_quotes(value)));
    }
  }
  void show_object(const std::string& name, Blob& blob) {
    std::string bytes;
    encode_value(blob, bytes);
    line(bytes.substr(0, 4), fmt::format("{} = a blob of {} bytes", name, blob.bytes.size()));
    auto delivery = decode_value<Delivery>(blob.bytes);
    if (delivery)
      show_object(name, *delivery);
    else if (!blob.bytes.empty())
      line(blob.bytes, name + " = " + in_quotes(blob.bytes));
  }
  void show_object(const std::string& name, Rest& rest) {
    if (of_call_ && (name == "arguments" || status_ == Status::ok))
      show_value(name == "arguments", rest.bytes);
    else if (auto delivery = decode_value<Delivery>(rest.bytes); name == "delivery" && delivery)
      show_object(name, *delivery);
    else if (!rest.bytes.empty())
      line(rest.bytes, name + " = " + in_quotes(rest.bytes));
  }

  /// The arguments of method_, or its reply.
  void show_value(bool is_arguments, std::string_view bytes) {
    if (is_of_service(method_))
      return is_arguments ? show_as<ServiceCall>("arguments", bytes) : show_as<ServiceReply>("result", bytes);
    EachOf<Methods>::call([&]<class Method>() {
      if (Method::name != method_) return;
      if (is_arguments)
        show_as<Method>("arguments", bytes);
      else
        show_as<typename Method::Reply>("result", bytes);
    });
  }
  template <class T>
  void show_as(const std::string& name, std::string_view bytes) {
    if (auto value = decode_value<T>(bytes))
      show_object(name, *value);
    else
      lines_ += "these are not the " + name + " of " + method_ + '\n';
  }

  static std::string prefixed(const std::string& prefix, const std::string& lines) {
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
      auto next = lines.substr(at, lines.find('\n', at) + 1 - at);
      at += next.size();
      constexpr auto meaning_at = bytes_a_line * 3 + 1;
      if (next.size() > meaning_at) next.insert(meaning_at, prefix);
      out += next;
    }
    return out;
  }

  std::string lines_;
  std::string magic_;
  std::string method_;
  bool of_call_;
  Status status_ = Status::ok;
};

template <class Message>
std::string annotate_message(Message message, std::string_view method) {
  const auto frame = encoded(message);
  Annotator annotator(method, std::is_same_v<Message, Call> || std::is_same_v<Message, Reply>);
  annotator.line(std::string_view(frame).substr(0, frame_header_bytes),
                 fmt::format("type {:#04x} {}, {} bytes follow", Message::type, name_of_message<Message>(),
                             frame.size() - frame_header_bytes));
  message.serialize(annotator);
  return annotator.lines();
}

}  // namespace

std::string annotate(const ClientMessage& message, std::string_view method) {
  return std::visit([&](const auto& held) { return annotate_message(held, method); }, message);
}

std::string annotate(const HubMessage& message, std::string_view method) {
  return std::visit([&](const auto& held) { return annotate_message(held, method); }, message);
}

}  // namespace hubbub::proto
