#include "client/link/outbox/outboxes.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>

#include "client/link/places.hpp"

namespace hubbub::link {

namespace {

namespace fs = std::filesystem;

/// Programs of one person that publish to one hub at the same time; one more finds no outbox.
constexpr unsigned outboxes_max = 1024;
constexpr std::string_view suffix = ".db";

/// As in a URL, so that it can be read back: a file's name holds no slash.
std::string to_file_name(std::string_view text) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::strchr("._-:", c) != nullptr || (byte < 128 && std::isalnum(byte) != 0);
    plain&& c != '\0' ? name.append(1, c) : name.append(1, '%').append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
  }
  return name;
}

std::string from_file_name(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned byte = 0;
    const auto* digits = name.data() + i + 1;
    const bool coded =
        name[i] == '%' && i + 2 < name.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    text += coded ? static_cast<char>(byte) : name[i];
    i += coded ? 2 : 0;
  }
  return text;
}

/// Of `12.db`; zero for what isn't one.
unsigned number_of(const std::string& file_name) {
  unsigned number = 0;
  const auto* end = file_name.data() + file_name.size();
  const auto parsed = std::from_chars(file_name.data(), end, number);
  return std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)) == suffix ? number : 0;
}

std::string path_of(const std::string& folder, unsigned number) {
  return folder + "/" + std::to_string(number) + std::string(suffix);
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path().parent_path(), error);
  for (const auto& part : {folder.parent_path(), folder})
    if (!error && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) error.assign(errno, std::system_category());
  if (!error) return {};
  return fail(Status::unavailable, "can't make the folder " + folder.string() + ": " + error.message());
}

}  // namespace

Result<std::string> outbox_folder() { return state_file("outbox"); }

Result<std::string> outbox_folder(const Address& hub, const std::string& name) {
  auto all = outbox_folder();
  if (!all) return all;
  return *all + "/" + to_file_name(name) + "@" + to_file_name(hub.str());
}

Result<std::shared_ptr<Outbox>> take_outbox(const std::string& folder) {
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  for (unsigned number = 1; number <= outboxes_max; ++number) {
    auto outbox = Outbox::open(path_of(folder, number));
    if (outbox ? (*outbox)->may_grow() : outbox.error().status != Status::already_exists) return outbox;
  }
  return fail(Status::resource_exhausted, "too many programs have an outbox in " + folder);
}

std::vector<std::string> outbox_files(const std::string& folder) {
  std::vector<unsigned> numbers;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone))
    if (const auto number = number_of(entry.path().filename().string()); number > 0) numbers.push_back(number);
  std::ranges::sort(numbers);
  std::vector<std::string> files;
  for (const auto number : numbers) files.push_back(path_of(folder, number));
  return files;
}

std::vector<OutboxPlace> outbox_places() {
  std::vector<OutboxPlace> places;
  const auto all = outbox_folder();
  if (!all) return places;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(*all, gone)) {
    const auto file_name = entry.path().filename().string();
    const auto at = file_name.find('@');
    if (at == std::string::npos) continue;
    places.push_back(
        {entry.path().string(), from_file_name(file_name.substr(at + 1)), from_file_name(file_name.substr(0, at))});
  }
  std::ranges::sort(places, {}, &OutboxPlace::folder);
  return places;
}

}  // namespace hubbub::link
