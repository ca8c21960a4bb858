#include "client/link/identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "client/link/places.hpp"
#include "common/descriptor.hpp"
#include "common/random.hpp"

// The file: 32 hexadecimal digits and a newline.

namespace hubbub::link {

namespace {

constexpr std::size_t key_digits = 2 * sizeof(OwnerKey::bytes);
constexpr char hex[] = "0123456789abcdef";

tl::unexpected<Error> broken(const std::string& path, const std::string& doing, int error) {
  return fail(Status::unavailable, "can't " + doing + " " + path + ": " + std::strerror(error));
}

std::string to_text(const OwnerKey& key) {
  std::string text;
  for (const auto byte : key.bytes) {
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text + '\n';
}

std::optional<OwnerKey> from_text(std::string_view text) {
  if (text.size() != key_digits + 1 || text.back() != '\n') return std::nullopt;
  OwnerKey key;
  for (std::size_t i = 0; i < key_digits; ++i) {
    const char* digit = std::strchr(hex, text[i]);
    if (digit == nullptr || *digit == '\0') return std::nullopt;
    key.bytes[i / 2] = static_cast<std::uint8_t>(key.bytes[i / 2] << 4 | (digit - hex));
  }
  return key;
}

/// Fails with not_found where there is no such file.
Result<OwnerKey> read_key(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && errno == ENOENT) return fail(Status::not_found, path + " isn't there");
  if (!file.is_open()) return broken(path, "read", errno);
  char text[key_digits + 2];  // one more than there should be, to notice it
  const auto size = ::read(file.get(), text, sizeof text);
  if (size < 0) return broken(path, "read", errno);
  const auto key = from_text({text, static_cast<std::size_t>(size)});
  if (!key)
    return fail(Status::data_loss, path + " holds no key; remove it to get a new one, and another identity with it");
  return *key;
}

Result<void> make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (!error && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) error.assign(errno, std::system_category());
  if (error) return broken(folder, "make the folder", error.value());
  return {};
}

/// Puts a whole new key at `path`, unless another process was first: link(2) never replaces a file.
Result<void> make_key(const std::string& path) {
  std::string draft = path + ".XXXXXX";
  const Descriptor file(::mkostemp(draft.data(), O_CLOEXEC));  // 0600
  if (!file.is_open()) return broken(draft, "make", errno);
  const auto text = to_text(random128<OwnerKeyTag>());
  const bool whole =
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file.get()) == 0;
  const bool placed = whole && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
  const int error = errno;
  ::unlink(draft.c_str());
  if (!placed) return broken(path, "write", error);
  return {};
}

}  // namespace

Result<OwnerKey> kept_owner_key(const std::string& path) {
  auto key = read_key(path);
  if (key || key.error().status != Status::not_found) return key;
  if (auto made = make_folder(std::filesystem::path(path).parent_path()); !made) return tl::unexpected(made.error());
  if (auto made = make_key(path); !made) return tl::unexpected(made.error());
  return read_key(path);
}

Identity identity() {
  const auto path = state_file("identity");
  const auto key = path ? kept_owner_key(*path) : Result<OwnerKey>(tl::unexpected(path.error()));
  if (key) return {*key, std::nullopt};
  return {random128<OwnerKeyTag>(), key.error()};
}

}  // namespace hubbub::link
