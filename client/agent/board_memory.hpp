// The file of a board: made under a name of its own, filled, and only then given the name that readers look for.
//   shm_open(NAME~) --posix_fallocate--> all of it there --map, head--> rename to NAME --> … --> unlink
// So nobody ever sees half a board, and a full /dev/shm is an error here and no SIGBUS later. What a killed agent has
// left behind is replaced; readers that still have it open notice that it has no name any more.
#pragma once

#include <memory>
#include <string>

#include "client/agent/board.h"
#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

class BoardMemory {
 public:
  /// `name`: by board_name(). The heartbeat is of now, everything from the summary on is zero.
  /// Fails with permission_denied where somebody else's file or anything but a file is in the way, which is left alone;
  /// with resource_exhausted if /dev/shm is full; with unavailable if there is none.
  static Result<BoardMemory> make(const std::string& name);

  BoardMemory(BoardMemory&&) noexcept = default;
  BoardMemory& operator=(BoardMemory&&) noexcept = default;
  /// Removes the file, unless another one has its name by now.
  ~BoardMemory();

  /// REQUIRES: is_whole(), or what is written ends the process by SIGBUS.
  [[nodiscard]] hubbub_page& page() const { return *page_; }
  /// Nobody has cut it off. One system call.
  [[nodiscard]] bool is_whole() const;
  /// And it is what readers find under its name.
  [[nodiscard]] bool is_in_place() const;

 private:
  struct Unmap {
    void operator()(hubbub_page* page) const;
  };

  BoardMemory(std::string name, Descriptor file);
  /// Gives it its memory, maps it, and writes its head.
  Result<void> fill(const std::string& name);
  void write_head() const;

  std::string name_;  ///< empty: not under that name yet
  Descriptor file_;
  std::unique_ptr<hubbub_page, Unmap> page_;
};

}  // namespace hubbub::agent
