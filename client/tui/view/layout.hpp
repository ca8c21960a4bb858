// Where the parts of the screen are.
//
//   topic ------------------------------------------
//   rooms | messages                     | members      rooms from 40 columns up, members from 60
//   status -----------------------------------------
//   input ------------------------------------------
#pragma once

#include "client/tui/screen.hpp"

namespace hubbub::tui {

inline constexpr Size smallest{5, 20};

struct Column {
  int left = 0;
  int end = 0;  ///< exclusive; equal to left: not shown
  [[nodiscard]] int width() const { return end - left; }
};

struct Layout {
  bool too_small = false;
  Column rooms;
  Column messages;
  Column members;
  int topic_row = 0;
  int top = 1;         ///< of the three columns
  int status_row = 0;  ///< their end
  int input_row = 0;
  [[nodiscard]] int height() const { return status_row - top; }
};

Layout layout_for(Size size);

}  // namespace hubbub::tui
