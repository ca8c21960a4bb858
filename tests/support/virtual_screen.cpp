#include "tests/support/virtual_screen.hpp"

#include <vterm.h>

namespace hubbub::test {

struct VirtualScreen::Parts {
  VTerm* terminal = nullptr;
  VTermScreen* screen = nullptr;
  VTermScreenCallbacks callbacks{};
  bool cursor_visible = true;
  bool alternate = false;
  int bells = 0;
};

namespace {

template <class Parts>
int set_property(VTermProp property, VTermValue* value, void* user) {
  auto& parts = *static_cast<Parts*>(user);
  if (property == VTERM_PROP_CURSORVISIBLE) parts.cursor_visible = value->boolean != 0;
  if (property == VTERM_PROP_ALTSCREEN) parts.alternate = value->boolean != 0;
  return 1;
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto push = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | point >> 6), push(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    push(0xE0 | point >> 12), push(0x80 | (point >> 6 & 0x3F)), push(0x80 | (point & 0x3F));
  } else {
    push(0xF0 | point >> 18), push(0x80 | (point >> 12 & 0x3F)), push(0x80 | (point >> 6 & 0x3F));
    push(0x80 | (point & 0x3F));
  }
}

constexpr std::uint32_t right_half = 0xFFFFFFFF;  // libvterm's mark

}  // namespace

VirtualScreen::VirtualScreen(int rows, int columns) : parts_(std::make_unique<Parts>()) {
  parts_->terminal = vterm_new(rows, columns);
  vterm_set_utf8(parts_->terminal, 1);
  parts_->screen = vterm_obtain_screen(parts_->terminal);
  parts_->callbacks.settermprop = set_property<Parts>;
  parts_->callbacks.bell = [](void* user) {
    ++static_cast<Parts*>(user)->bells;
    return 1;
  };
  vterm_screen_set_callbacks(parts_->screen, &parts_->callbacks, parts_.get());
  vterm_screen_enable_altscreen(parts_->screen, 1);
  vterm_screen_reset(parts_->screen, 1);
}

VirtualScreen::~VirtualScreen() { vterm_free(parts_->terminal); }

void VirtualScreen::feed(std::string_view bytes) { vterm_input_write(parts_->terminal, bytes.data(), bytes.size()); }
void VirtualScreen::resize(int rows, int columns) { vterm_set_size(parts_->terminal, rows, columns); }

int VirtualScreen::rows() const {
  int rows = 0, columns = 0;
  vterm_get_size(parts_->terminal, &rows, &columns);
  return rows;
}

int VirtualScreen::columns() const {
  int rows = 0, columns = 0;
  vterm_get_size(parts_->terminal, &rows, &columns);
  return columns;
}

SeenCell VirtualScreen::cell(int row, int column) const {
  VTermScreenCell seen{};
  vterm_screen_get_cell(parts_->screen, VTermPos{row, column}, &seen);
  SeenCell cell{{}, seen.width, seen.attrs.bold != 0, seen.attrs.reverse != 0, !VTERM_COLOR_IS_DEFAULT_FG(&seen.fg)};
  if (seen.chars[0] == right_half) return {{}, 0, cell.bold, cell.reverse, cell.colored};
  for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && seen.chars[i] != 0; ++i) append_utf8(cell.text, seen.chars[i]);
  if (cell.text.empty()) cell.text = " ";
  return cell;
}

std::string VirtualScreen::row(int row) const {
  std::string text;
  for (int column = 0; column < columns(); ++column) text += cell(row, column).text;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string VirtualScreen::text() const {
  std::string text;
  for (int i = 0; i < rows(); ++i) text += row(i) + '\n';
  return text;
}

int VirtualScreen::cursor_row() const {
  VTermPos at{};
  vterm_state_get_cursorpos(vterm_obtain_state(parts_->terminal), &at);
  return at.row;
}

int VirtualScreen::cursor_column() const {
  VTermPos at{};
  vterm_state_get_cursorpos(vterm_obtain_state(parts_->terminal), &at);
  return at.col;
}

bool VirtualScreen::cursor_visible() const { return parts_->cursor_visible; }
bool VirtualScreen::on_alternate_screen() const { return parts_->alternate; }
int VirtualScreen::bells() const { return parts_->bells; }

}  // namespace hubbub::test
