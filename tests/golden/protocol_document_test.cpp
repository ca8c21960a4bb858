// docs/protocol.md is the golden file: the frames in it are what the code reads and writes, and the fields that it
// names are those of the structs.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/golden/annotate.hpp"
#include "tests/golden/document.hpp"
#include "tests/golden/reflect.hpp"

namespace hubbub::proto {
namespace {

using golden::Block;

/// The bytes that a block shows: what stands in the first column of each line.
std::string bytes_of(const Block& block) {
  std::string bytes;
  std::istringstream lines(block.text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream column(line.substr(0, 24));
    for (unsigned byte; column >> std::hex >> byte;) bytes += static_cast<char>(byte);
  }
  return bytes;
}

template <class Message>
void expect_golden(const tl::expected<Message, DecodeError>& decoded, const Block& block, const std::string& bytes) {
  ASSERT_TRUE(decoded) << "the frame can't be decoded";
  const auto again = std::visit([](const auto& message) { return encoded(message); }, *decoded);
  EXPECT_EQ(again, bytes) << "encoding it again gives other bytes";
  EXPECT_EQ(annotate(*decoded, block.words.size() > 2 ? block.words[2] : ""), block.text);
}

TEST(ProtocolDocument, ShowsFramesAsTheCodeReadsAndWritesThem) {
  for (const auto& block : golden::blocks("wire")) {
    SCOPED_TRACE("docs/protocol.md, line " + std::to_string(block.line));
    const auto bytes = bytes_of(block);
    ASSERT_GE(bytes.size(), frame_header_bytes);
    const auto header = read_frame_header(bytes.data());
    ASSERT_EQ(header.payload_bytes, bytes.size() - frame_header_bytes);
    const Frame frame{header.type, std::string_view(bytes).substr(frame_header_bytes)};
    if (block.words[1] == "client")
      expect_golden(decode_from_client(frame), block, bytes);
    else
      expect_golden(decode_from_hub(frame), block, bytes);
  }
}

TEST(ProtocolDocument, ShowsAFrameOfEveryMessage) {
  std::set<std::string> shown;
  for (const auto& block : golden::blocks("wire"))
    shown.insert(block.words[1] + ' ' + std::to_string(static_cast<unsigned char>(bytes_of(block).at(0))));
  EachOf<ClientMessage>::call([&]<class Message>() {
    if (Message::type == Pong::type) return;  // shown from the hub
    EXPECT_TRUE(shown.contains("client " + std::to_string(Message::type))) << name_of_message<Message>();
  });
  EachOf<HubMessage>::call([&]<class Message>() {
    if (Message::type == Ping::type) return;  // shown from a client
    EXPECT_TRUE(shown.contains("hub " + std::to_string(Message::type))) << name_of_message<Message>();
  });
}

/// `name  form  # why` --> name, form; and `->` alone, before the fields of the reply.
std::vector<Field> fields_in(const Block& block) {
  std::vector<Field> fields;
  std::istringstream lines(block.text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    Field field;
    words >> field.name;
    for (std::string word; words >> word;) field.form += (field.form.empty() ? "" : " ") + word;
    if (!field.name.empty()) fields.push_back(field);
  }
  return fields;
}

void expect_fields(const std::string& name, const std::vector<Field>& fields) {
  for (const auto& block : golden::blocks("fields")) {
    if (block.words.at(1) != name) continue;
    const auto written = fields_in(block);
    EXPECT_TRUE(written == fields) << "docs/protocol.md, line " << block.line << ": the fields of " << name
                                   << " are others";
    return;
  }
  ADD_FAILURE() << "docs/protocol.md says nothing of " << name;
}

TEST(ProtocolDocument, NamesEveryFieldOfEveryMessage) {
  const auto check = []<class Message>() {
    expect_fields(std::string(name_of_message<Message>()), fields_of<Message>());
  };
  EachOf<ClientMessage>::call(check);
  EachOf<HubMessage>::call(check);
  expect_fields("Person", fields_of<Person>());
  expect_fields("RoomInfo", fields_of<RoomInfo>());
  expect_fields("CursorInfo", fields_of<CursorInfo>());
  expect_fields("LagInfo", fields_of<LagInfo>());
  expect_fields("SearchHit", fields_of<SearchHit>());
  expect_fields("LaterMessage", fields_of<LaterMessage>());
  expect_fields("MethodInfo", fields_of<MethodInfo>());
  expect_fields("ServiceMethod", fields_of<ServiceMethod>());
  expect_fields("ServiceProvider", fields_of<ServiceProvider>());
  expect_fields("ServiceCall", fields_of<ServiceCall>());
  expect_fields("ServiceReply", fields_of<ServiceReply>());
  expect_fields("ServiceAnswer", fields_of<ServiceAnswer>());
}

TEST(ProtocolDocument, NamesEveryArgumentAndReplyOfEveryMethod) {
  EachOf<Methods>::call([]<class Method>() {
    auto fields = fields_of<Method>();
    fields.push_back({"->", ""});
    for (auto& field : fields_of<typename Method::Reply>()) fields.push_back(field);
    expect_fields(std::string(Method::name), fields);
  });
}

TEST(ProtocolDocument, NamesEveryNumber) {
  const auto text = golden::document();
  const auto expect_row = [&](int number, std::string_view name) {
    const auto row = "| " + std::to_string(number) + " | `" + std::string(name) + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  };
  for (std::size_t at = 0; at < close_reasons.size(); ++at) expect_row(static_cast<int>(at), close_reasons[at].name);
  for (std::size_t at = 0; at < status_names.size(); ++at) expect_row(static_cast<int>(at), status_names[at]);
  for (std::size_t at = 0; at < kind_names.size(); ++at) expect_row(static_cast<int>(at), kind_names[at]);
  for (std::size_t at = 0; at < event_kind_names.size(); ++at) expect_row(static_cast<int>(at), event_kind_names[at]);
  for (std::size_t at = 0; at < refusal_names.size(); ++at) expect_row(static_cast<int>(at), refusal_names[at]);
  for (std::size_t at = 0; at < durability_names.size(); ++at) expect_row(static_cast<int>(at), durability_names[at]);
  for (std::size_t at = 0; at < from_names.size(); ++at) expect_row(static_cast<int>(at), from_names[at]);
  for (std::size_t at = 0; at < presence_names.size(); ++at) expect_row(static_cast<int>(at), presence_names[at]);
}

TEST(ProtocolDocument, NamesEveryLimit) {
  const auto text = golden::document();
  std::ifstream header(HUBBUB_SOURCE_DIR "/proto/limits.hpp");
  std::size_t found = 0;
  for (std::string line; std::getline(header, line);) {
    constexpr std::string_view start = "inline constexpr std::size_t ";
    if (!line.starts_with(start)) continue;
    const auto name = line.substr(start.size(), line.find(' ', start.size()) - start.size());
    EXPECT_NE(text.find("| `" + name + "` |"), std::string::npos) << name;
    ++found;
  }
  EXPECT_GT(found, 10u);
}

}  // namespace
}  // namespace hubbub::proto
