// Which folders of the FIFO tree somebody has changed names in: made, removed, renamed (inotify(7)).
//   inotify --> the loop --> changed(folder)
// What is written into files is not told. Where the system has no watch left, nothing is, and the tree looks by itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/asio.hpp"

namespace hubbub::agent {

class TreeWatch {
 public:
  /// No watch: also what every id is where there is none left.
  static constexpr int none = -1;

  /// `changed` gets ids as add() returned them; more than once for one change, and `none` where some were lost.
  TreeWatch(asio::io_context& loop, std::function<void(int id)> changed);

  /// Fails with `none`.
  int add(const std::string& folder);
  void remove(int id);
  void stop() { inotify_.reset(); }
  [[nodiscard]] bool works() const { return inotify_.has_value(); }

 private:
  void wait();
  void take_all();

  std::optional<asio::posix::stream_descriptor> inotify_;
  std::function<void(int)> changed_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone with this: handlers may come later
};

}  // namespace hubbub::agent
