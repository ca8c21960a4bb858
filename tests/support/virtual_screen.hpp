// A terminal without glass: takes what a program writes and says what would be seen, by libvterm.
//   bytes --feed--> VirtualScreen --> rows of text, cells, cursor
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hubbub::test {

struct SeenCell {
  std::string text;  ///< " " where nothing was written; empty for the right half of a wide one
  int width = 1;
  bool bold = false;
  bool reverse = false;
  bool colored = false;
};

class VirtualScreen {
 public:
  VirtualScreen(int rows, int columns);
  ~VirtualScreen();
  VirtualScreen(const VirtualScreen&) = delete;
  VirtualScreen& operator=(const VirtualScreen&) = delete;

  void feed(std::string_view bytes);
  void resize(int rows, int columns);

  [[nodiscard]] int rows() const;
  [[nodiscard]] int columns() const;
  /// The row's text without trailing blanks.
  [[nodiscard]] std::string row(int row) const;
  /// All rows, a line each.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] SeenCell cell(int row, int column) const;
  [[nodiscard]] int cursor_row() const;
  [[nodiscard]] int cursor_column() const;
  [[nodiscard]] bool cursor_visible() const;
  /// The other screen, which full-screen programs use and give back.
  [[nodiscard]] bool on_alternate_screen() const;
  [[nodiscard]] int bells() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hubbub::test
