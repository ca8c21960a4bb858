// Two FIFOs: pipes with a name in the file system, which they have only until both processes have them open.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "client/cli/ipc/stream_end.hpp"

namespace hubbub::ipc {

namespace {

/// Of our own; gone with all that is in it.
class Folder {
 public:
  static Result<Folder> make() {
    std::error_code error;
    auto name = (std::filesystem::temp_directory_path(error) / "hubbub-ipc-XXXXXX").string();
    if (error || ::mkdtemp(name.data()) == nullptr) return cannot("make a temporary folder");
    return Folder(std::move(name));
  }
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

struct Fifo {
  Descriptor read, write;
};

/// Who opens a FIFO waits for the other side, so the reader opens it without waiting first.
Result<Fifo> make_fifo(const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) return cannot("make a FIFO in the temporary folder");
  Descriptor read(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!read.is_open()) return cannot("open a FIFO to read");
  Descriptor write(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!write.is_open()) return cannot("open a FIFO to write");
  if (::fcntl(read.get(), F_SETFL, 0) != 0) return cannot("let a FIFO block");
  return Fifo{std::move(read), std::move(write)};
}

Result<Ends> open_fifos(std::size_t) {
  const auto folder = Folder::make();
  if (!folder) return tl::unexpected(folder.error());
  auto there = make_fifo(folder->path() + "/there");
  if (!there) return tl::unexpected(there.error());
  auto back = make_fifo(folder->path() + "/back");
  if (!back) return tl::unexpected(back.error());
  return Ends{stream_end(std::move(there->write), std::move(back->read)),
              stream_end(std::move(back->write), std::move(there->read))};
}

}  // namespace

extern const Mechanism fifo_mechanism;
const Mechanism fifo_mechanism = {
    "fifo",
    "A pipe with a file name, for programs that didn't start each other and can open a file, as every script can.",
    "",
    message_bytes_max,
    open_fifos,
};

}  // namespace hubbub::ipc
