//===- BaseTests.cpp - Status, sizes, elements ----------------------------===//

#include "base/Checked.h"
#include "base/Elements.h"
#include "base/Mutex.h"
#include "base/Status.h"
#include "base/TextCursor.h"

#include <gtest/gtest.h>

#include <math.h>
#include <string>
#include <thread>
#include <vector>

using namespace sym::rt;

TEST(Status, MessageBelongsToTheThread) {
  EXPECT_EQ(fail(SYM_IO_ERROR, "disk %d", 7), SYM_IO_ERROR);
  std::thread([] {
    EXPECT_STREQ(sym_error_message(), "");
    fail(SYM_OVERFLOW, "other");
  }).join();
  EXPECT_STREQ(sym_error_message(), "disk 7");
  EXPECT_EQ(lastStatus(), SYM_IO_ERROR);
}

TEST(Status, LongMessagesAreCut) {
  std::string text(5000, 'x');
  fail(SYM_IO_ERROR, "%s", text.c_str());
  EXPECT_EQ(strlen(sym_error_message()), size_t(kMessageCapacity - 1));
  failAt(SYM_IO_ERROR, text.c_str(), "short");
  EXPECT_EQ(strlen(sym_error_location()), size_t(kLocationCapacity - 1));
}

TEST(Status, AMessageMayQuoteTheOneBefore) {
  fail(SYM_IO_ERROR, "inner");
  fail(SYM_IO_ERROR, "outer: %s", sym_error_message());
  EXPECT_STREQ(sym_error_message(), "outer: inner");
  EXPECT_STREQ(sym_error_location(), "");
}

TEST(Status, Names) {
  EXPECT_STREQ(sym_status_name(SYM_OK), "SYM_OK");
  EXPECT_STREQ(sym_status_name(SYM_SHAPE_MISMATCH), "SYM_SHAPE_MISMATCH");
  EXPECT_STREQ(sym_status_name(12345), "SYM_UNKNOWN_STATUS");
}

TEST(Checked, BytesOfAShape) {
  int64_t bytes;
  int64_t shape[] = {3, 4};
  EXPECT_TRUE(checkedBytes(8, shape, 2, &bytes));
  EXPECT_EQ(bytes, 96);
  int64_t large[] = {INT64_MAX / 8, 2};
  EXPECT_FALSE(checkedBytes(8, large, 2, &bytes));
  int64_t negative[] = {2, -1};
  EXPECT_FALSE(checkedBytes(8, negative, 2, &bytes));
  int64_t empty[] = {INT64_MAX, INT64_MAX, 0};
  EXPECT_TRUE(checkedBytes(8, empty, 3, &bytes)) << "a zero empties the shape";
  EXPECT_EQ(bytes, 0);
  EXPECT_TRUE(checkedBytes(8, nullptr, 0, &bytes));
  EXPECT_EQ(bytes, 8);
}

TEST(Elements, SizesAndNames) {
  EXPECT_EQ(sym_element_size(SYM_ELEMENT_F64), 8u);
  EXPECT_EQ(sym_element_size(SYM_ELEMENT_C128), 16u);
  EXPECT_EQ(sym_element_size(SYM_ELEMENT_I4), 0u);
  EXPECT_EQ(sym_element_size(-1), 0u);
  EXPECT_EQ(sym_element_size(1000), 0u);
  for (int32_t code = 0; code < 40; ++code)
    if (const char *name = elementInfo(code).name)
      EXPECT_EQ(elementByName(name, strlen(name)), code);
  EXPECT_EQ(elementByName("f33", 3), 0);
}

TEST(Elements, SmallFloats) {
  auto load = [](uint16_t bits, int32_t element) {
    return loadFloat(&bits, element);
  };
  EXPECT_EQ(load(0x3c00, SYM_ELEMENT_F16), 1.0);
  EXPECT_EQ(load(0x0001, SYM_ELEMENT_F16), ldexp(1, -24));
  EXPECT_EQ(load(0xfbff, SYM_ELEMENT_F16), -65504.0);
  EXPECT_TRUE(isinf(load(0x7c00, SYM_ELEMENT_F16)));
  EXPECT_TRUE(isnan(load(0x7c01, SYM_ELEMENT_F16)));
  EXPECT_EQ(load(0x7e, SYM_ELEMENT_F8E4M3FN), 448.0);
  EXPECT_TRUE(isnan(load(0xff, SYM_ELEMENT_F8E4M3FN)));
  EXPECT_EQ(load(0x7b, SYM_ELEMENT_F8E5M2), 57344.0);
}

TEST(MutexTest, CountsExactly) {
  Mutex mutex;
  int64_t counter = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) {
        Guard guard(mutex);
        ++counter;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(counter, 80000);
}

TEST(TextCursorTest, StepsOverTokens) {
  const char text[] = " a\r\n\t: 12,True 99999999999999999999 \0";
  TextCursor cursor(text, sizeof(text)); // with both zero bytes
  int64_t number = -1;
  EXPECT_FALSE(cursor.accept('b'));
  EXPECT_TRUE(cursor.accept('a'));
  EXPECT_FALSE(cursor.word("::"));
  EXPECT_TRUE(cursor.word(":"));
  EXPECT_EQ(cursor.number(&number), TextCursor::Number::Read);
  EXPECT_EQ(number, 12);
  EXPECT_EQ(cursor.number(&number), TextCursor::Number::Missing);
  EXPECT_TRUE(cursor.accept(','));
  EXPECT_TRUE(cursor.word("True"));
  EXPECT_EQ(cursor.number(&number), TextCursor::Number::TooLarge);
  EXPECT_EQ(number, 12);
  EXPECT_EQ(cursor.peek(), '9') << "not stepped over";
  while (cursor.accept('9'))
    ;
  EXPECT_FALSE(cursor.atEnd()) << "a zero byte is a character";
  EXPECT_EQ(cursor.peek(), 0);
  char c;
  EXPECT_TRUE(cursor.take(&c) && cursor.take(&c));
  EXPECT_FALSE(cursor.take(&c));
  EXPECT_TRUE(cursor.atEnd());
  EXPECT_EQ(cursor.peek(), -1);
  EXPECT_FALSE(cursor.accept(char(-1)));
}
