#include "server/ready_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace hubbub::server {

namespace {

tl::unexpected<Error> cannot_write(const std::string& path) {
  return fail(Status::unavailable, fmt::format("can't write the ready file {}: {}; does its folder exist, and may this "
                                               "user write there?",
                                               path, std::strerror(errno)));
}

}  // namespace

Result<void> ReadyFile::write(const std::string& path, const std::vector<Address>& addresses) {
  std::error_code missing;
  const auto there = std::filesystem::status(path, missing);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there))
    return fail(Status::unavailable,
                fmt::format("can't write the ready file {}: something is there that is no file", path));
  const std::string part = fmt::format("{}.{}", path, ::getpid());
  std::ofstream out(part, std::ios::trunc);
  for (const auto& address : addresses) out << address.str() << '\n';
  out.close();
  if (!out || std::rename(part.c_str(), path.c_str()) != 0) {
    auto refusal = cannot_write(path);
    ::unlink(part.c_str());
    return refusal;
  }
  path_ = path;
  return {};
}

void ReadyFile::remove() {
  if (!path_.empty()) ::unlink(std::exchange(path_, {}).c_str());
}

}  // namespace hubbub::server
