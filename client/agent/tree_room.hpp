// One room's folder in the FIFO tree.
//   in --> TreeIn --> TreeOutlet          messages --> out, feed          topic, members          errors
// What of it is lost while it is used (removed, or something else put in its place) is made again by build(). Used only
// in the loop's thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/agent/tree_feed.hpp"
#include "client/agent/tree_folder.hpp"
#include "client/agent/tree_in.hpp"
#include "client/agent/tree_line.hpp"
#include "client/agent/tree_notes.hpp"
#include "client/agent/tree_out.hpp"
#include "client/agent/tree_outlet.hpp"
#include "client/link/types.hpp"
#include "common/asio.hpp"

namespace hubbub::agent {

class TreeRoom {
 public:
  /// Makes nothing yet. REQUIRES: `root`, `outlet` and `limits` stay as long as this.
  TreeRoom(asio::io_context& loop, const TreeFolder& root, RoomName room, TreeOutlet& outlet, const TreeLimits& limits);

  /// Makes what isn't there, or not any more. Fails with what couldn't be made; the rest is there then. A failure is
  /// logged once.
  Result<void> build();
  /// The last build() has failed.
  [[nodiscard]] bool has_trouble() const { return !trouble_.empty(); }

  void message(const link::Message& message);
  void gap(Seq first, Seq last);
  void set_topic(std::string_view topic);
  void set_members(std::span<const proto::Person> people);
  void go_on();
  /// Says what lies in `in`, and removes what was made; the folder, too, if nothing else is in it.
  void remove();

 private:
  struct TextFile {
    const char* name;
    std::string text;
    FileId file{};
    bool is_made = false;
  };

  Result<void> build_parts();
  Result<void> build_folder();
  Result<void> build_file(TreeOut& file, const char* name);
  Result<void> build_in();
  Result<void> build_feed();
  Result<void> build_text(TextFile& file);
  void set_text(TextFile& file, std::string text);
  Result<Descriptor> open_fifo(const char* name, int flags);
  void feed(Seq seq, const TreeLine& line);
  void end_in();
  void note(const std::string& sentence);
  void made_again(const char* name, bool was_there);
  void flush_soon();

  asio::io_context& loop_;
  const TreeFolder& root_;
  RoomName room_;
  TreeOutlet& outlet_;
  const TreeLimits& limits_;
  std::optional<TreeFolder> folder_;
  std::optional<TreeNotes> notes_;
  std::optional<TreeOut> out_;
  std::optional<TreeIn> in_;
  std::optional<TreeFeed> feed_;
  TextFile topic_{"topic", {}}, members_{"members", {}};
  std::string trouble_;
  bool flushes_soon_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< gone with this: handlers may come later
};

/// Every name that a room's folder may have of ours.
inline constexpr std::array tree_file_names = {"in",    "feed",    "out",  "out.1",   "errors", "errors.1",
                                               "topic", "members", ".out", ".errors", ".topic", ".members"};

}  // namespace hubbub::agent
