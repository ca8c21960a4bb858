// A folder of the FIFO tree, held open: everything in it is made, looked at and removed by way of its descriptor, so
// that nobody who moves a name can lead us elsewhere.
//   open_fifo, open_file, replace --> FIFOs and plain files, 0600, ours
// No symlink is followed, and nothing that lies in the way is written to or lost: it is moved aside (`in` to `in~`) and
// said.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

/// What has that descriptor. REQUIRES: it is open.
FileId file_id(int fd);

/// errno as a refusal: "can't DO_WHAT: No space left on device".
tl::unexpected<Error> cannot_in_tree(const std::string& do_what);

class TreeFolder {
 public:
  struct Opened {
    Descriptor descriptor;
    std::string moved;  ///< a sentence about what lay in the way, if anything did
  };

  /// Opens `name` in the folder `at` (or AT_FDCWD), made with 0700 if there is none. `path` is for sentences.
  /// Fails with failed_precondition where a symlink, something else, or another user's folder has that name.
  static Result<TreeFolder> open(int at, const std::string& name, std::string path);

  [[nodiscard]] int fd() const { return descriptor_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Is this folder still what `name` in `at` stands for?
  [[nodiscard]] bool is_at(int at, const std::string& name) const;
  /// Is that file still what `name` stands for here?
  [[nodiscard]] bool holds(const std::string& name, FileId file) const;

  /// A FIFO that was here already is used: whoever waits in open(2) for a reader gets one.
  Result<Opened> open_fifo(const std::string& name, int flags);
  /// To append to; what it has stays.
  Result<Opened> open_file(const std::string& name);
  struct Replaced {
    FileId file;
    std::string moved;  ///< likewise
  };
  /// All of it at once, as readers see it (rename(2)).
  Result<Replaced> replace(const std::string& name, std::string_view text);
  /// `name` becomes `older`, and a new empty file `name`. At no moment is there no `name`, where the file system lets
  /// us.
  Result<Descriptor> rotate(const std::string& name, const std::string& older);
  /// Unless it is another file by now.
  void remove(const std::string& name, FileId file);
  /// Unless it is something else than a plain file or FIFO of ours.
  void remove_ours(const std::string& name);

 private:
  TreeFolder(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
  Result<std::string> clear_the_way(const std::string& name, mode_t type);
  Result<Descriptor> make_file(const std::string& name);

  Descriptor descriptor_;
  std::string path_;
};

}  // namespace hubbub::agent
