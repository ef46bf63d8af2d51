//===- FormatTests.cpp - sym_format prints what NumPy prints --------------===//
//
// The expected texts were printed by NumPy 2.4.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sym_runtime.h"

#include <gtest/gtest.h>

#include <math.h>
#include <string>
#include <vector>

namespace {
std::string format(const sym_tensor &value) {
  std::string text(sym_format(&value, nullptr, 0), 0);
  EXPECT_EQ(sym_format(&value, &text[0], text.size() + 1), text.size());
  return text;
}

template <typename T>
void expectText(int32_t element, std::vector<int64_t> sizes,
                std::vector<T> data, const char *expected) {
  sym_tensor value = {data.data(), element, int32_t(sizes.size()), sizes.data(),
                      nullptr};
  EXPECT_EQ(format(value), expected);
}

template <typename T> std::vector<T> counting(int count) {
  std::vector<T> result;
  for (int i = 0; i < count; ++i)
    result.push_back(T(i));
  return result;
}
} // namespace

TEST(Format, Scalars) {
  expectText<int64_t>(SYM_ELEMENT_I64, {}, {0}, "0");
  expectText<int64_t>(SYM_ELEMENT_I64, {}, {-7}, "-7");
  expectText<uint8_t>(SYM_ELEMENT_BOOL, {}, {1}, "True");
  expectText<uint8_t>(SYM_ELEMENT_BOOL, {}, {0}, "False");
  expectText<double>(SYM_ELEMENT_F64, {}, {1.0}, "1.0");
  expectText<double>(SYM_ELEMENT_F64, {}, {-0.0}, "-0.0");
  expectText<double>(SYM_ELEMENT_F64, {}, {0.1}, "0.1");
  expectText<double>(SYM_ELEMENT_F64, {}, {1e+16}, "1e+16");
  expectText<double>(SYM_ELEMENT_F64, {}, {1e-05}, "1e-05");
  expectText<double>(SYM_ELEMENT_F64, {}, {123456789.125}, "123456789.125");
  expectText<double>(SYM_ELEMENT_F64, {}, {NAN}, "nan");
  expectText<double>(SYM_ELEMENT_F64, {}, {-INFINITY}, "-inf");
  expectText<double>(SYM_ELEMENT_F64, {}, {5e-324}, "5e-324");
  expectText<double>(SYM_ELEMENT_F64, {}, {1.7976931348623157e+308},
                     "1.7976931348623157e+308");
  expectText<float>(SYM_ELEMENT_F32, {}, {0.10000000149011612}, "0.1");
  expectText<float>(SYM_ELEMENT_F32, {}, {16777216.0}, "1.6777216e+07");
  expectText<uint16_t>(SYM_ELEMENT_F16, {}, {0x7bff}, "6.55e+04");
  expectText<uint16_t>(SYM_ELEMENT_F16, {}, {0x1}, "6e-08");
  expectText<double>(SYM_ELEMENT_C128, {}, {1.0, 2.0}, "(1+2j)");
  expectText<double>(SYM_ELEMENT_C128, {}, {0.0, 2.0}, "2j");
  expectText<double>(SYM_ELEMENT_C128, {}, {-0.0, -2.5}, "(-0-2.5j)");
  expectText<double>(SYM_ELEMENT_C128, {}, {1.0, NAN}, "(1+nanj)");
  expectText<uint64_t>(SYM_ELEMENT_U64, {}, {18446744073709551615ul},
                       "18446744073709551615");
  expectText<int64_t>(SYM_ELEMENT_I64, {}, {INT64_MIN}, "-9223372036854775808");
}

TEST(Format, Integers) {
  expectText<int64_t>(SYM_ELEMENT_I64, {3}, {0, 1, 2}, "[0 1 2]");
  expectText<int32_t>(SYM_ELEMENT_I32, {3}, {1, -20, 300}, "[  1 -20 300]");
  expectText<int64_t>(SYM_ELEMENT_I64, {2, 2}, {1, 2, 30, -4},
                      "[[ 1  2]\n"
                      " [30 -4]]");
  expectText<uint8_t>(SYM_ELEMENT_U8, {2}, {255, 0}, "[255   0]");
  expectText<int64_t>(SYM_ELEMENT_I64, {0}, {}, "[]");
  expectText<double>(SYM_ELEMENT_F64, {0, 3}, {}, "[]");
  expectText<int32_t>(SYM_ELEMENT_I32, {2, 0}, {}, "[]");
  expectText<int64_t>(SYM_ELEMENT_I64, {2}, {9223372036854775807, INT64_MIN},
                      "[ 9223372036854775807 -9223372036854775808]");
  expectText<int64_t>(SYM_ELEMENT_I64, {30},
                      {0,     1000,  2000,  3000,  4000,  5000,  6000,  7000,
                       8000,  9000,  10000, 11000, 12000, 13000, 14000, 15000,
                       16000, 17000, 18000, 19000, 20000, 21000, 22000, 23000,
                       24000, 25000, 26000, 27000, 28000, 29000},
                      "[    0  1000  2000  3000  4000  5000  6000  7000  8000  "
                      "9000 10000 11000\n"
                      " 12000 13000 14000 15000 16000 17000 18000 19000 20000 "
                      "21000 22000 23000\n"
                      " 24000 25000 26000 27000 28000 29000]");
}

TEST(Format, Bools) {
  expectText<uint8_t>(SYM_ELEMENT_BOOL, {2}, {1, 0}, "[ True False]");
  expectText<uint8_t>(SYM_ELEMENT_BOOL, {2, 1}, {1, 1},
                      "[[ True]\n"
                      " [ True]]");
}

TEST(Format, FloatsShareAPrecision) {
  expectText<double>(SYM_ELEMENT_F64, {3}, {1.0, 2.0, 3.0}, "[1. 2. 3.]");
  expectText<double>(SYM_ELEMENT_F64, {3}, {0.5, 1.25, 10.0},
                     "[ 0.5   1.25 10.  ]");
  expectText<double>(SYM_ELEMENT_F64, {2},
                     {0.3333333333333333, 0.6666666666666666},
                     "[0.33333333 0.66666667]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {0.001, 1.0}, "[0.001 1.   ]");
  expectText<float>(SYM_ELEMENT_F32, {2},
                    {0.10000000149011612, 0.20000000298023224}, "[0.1 0.2]");
  expectText<uint16_t>(SYM_ELEMENT_F16, {3}, {0x3e00, 0xc080, 0x4200},
                       "[ 1.5  -2.25  3.  ]");
  expectText<double>(SYM_ELEMENT_F64, {3}, {-1.5, 0.0, 100.125},
                     "[ -1.5     0.    100.125]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {123.456789012345, 1.0},
                     "[123.45678901   1.        ]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {0.0, -0.0}, "[ 0. -0.]");
  expectText<double>(SYM_ELEMENT_F64, {2, 2}, {1.0, 2.0, 3.5, 4.0},
                     "[[1.  2. ]\n"
                     " [3.5 4. ]]");
}

TEST(Format, FloatsTurnScientific) {
  expectText<double>(SYM_ELEMENT_F64, {2}, {100000000.0, 1.0},
                     "[1.e+08 1.e+00]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {1e-05, 1.0}, "[1.e-05 1.e+00]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {1.0, 1001.0},
                     "[1.000e+00 1.001e+03]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {1e+300, 1e-300},
                     "[1.e+300 1.e-300]");
  expectText<float>(SYM_ELEMENT_F32, {1}, {1000000.0}, "[1.e+06]");
  expectText<uint16_t>(SYM_ELEMENT_F16, {1}, {0x63d0}, "[1.e+03]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {3.1415926535, 20000000000.0},
                     "[3.14159265e+00 2.00000000e+10]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {1e-100, -2.5},
                     "[ 1.0e-100 -2.5e+000]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {12345678.9, 99999999.0},
                     "[12345678.9 99999999. ]");
}

TEST(Format, FloatsThatAreNotFinite) {
  expectText<double>(SYM_ELEMENT_F64, {2}, {NAN, 1.0}, "[nan  1.]");
  expectText<double>(SYM_ELEMENT_F64, {3}, {INFINITY, -INFINITY, 1.5},
                     "[ inf -inf  1.5]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {NAN, NAN}, "[nan nan]");
  expectText<double>(SYM_ELEMENT_F64, {1}, {-INFINITY}, "[-inf]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {NAN, 10000000000.0},
                     "[   nan 1.e+10]");
  expectText<double>(SYM_ELEMENT_F64, {2}, {INFINITY, 100.25},
                     "[   inf 100.25]");
}

TEST(Format, Complex) {
  expectText<double>(SYM_ELEMENT_C128, {2}, {1.0, 2.0, 3.5, -4.0},
                     "[1. +2.j 3.5-4.j]");
  expectText<double>(SYM_ELEMENT_C128, {2}, {10000000000.0, 1.0, 1.0, 0.0},
                     "[1.e+10+1.j 1.e+00+0.j]");
  expectText<double>(SYM_ELEMENT_C128, {2}, {NAN, INFINITY, 1.0, 0.0},
                     "[nan+infj  1. +0.j]");
  expectText<float>(SYM_ELEMENT_C64, {1},
                    {0.10000000149011612, 0.20000000298023224}, "[0.1+0.2j]");
}

TEST(Format, LinesWrap) {
  expectText<int64_t>(SYM_ELEMENT_I64, {40},
                      {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                       14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                       28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39},
                      "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 "
                      "18 19 20 21 22 23\n"
                      " 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]");
  expectText<double>(SYM_ELEMENT_F64, {20},
                     {0.012,  2.987,  -2.741,  -8.906, -4.547,  -9.916, 0.601,
                      13.402, -4.922, -6.205,  4.898,  3.569,   1.054,  -9.305,
                      -0.293, 6.953,  -13.442, -4.576, -19.012, -12.895},
                     "[ 1.2000e-02  2.9870e+00 -2.7410e+00 -8.9060e+00 "
                     "-4.5470e+00 -9.9160e+00\n"
                     "  6.0100e-01  1.3402e+01 -4.9220e+00 -6.2050e+00  "
                     "4.8980e+00  3.5690e+00\n"
                     "  1.0540e+00 -9.3050e+00 -2.9300e-01  6.9530e+00 "
                     "-1.3442e+01 -4.5760e+00\n"
                     " -1.9012e+01 -1.2895e+01]");
  expectText<double>(SYM_ELEMENT_F64, {2, 12},
                     {-18.417, -2.351, -12.674, 2.713,  1.568,   -1.869,
                      -25.168, -5.387, -0.485,  1.133,  -15.301, -4.778,
                      -9.785,  -8.088, 10.609,  -8.075, -0.325,  8.844,
                      -5.836,  -1.117, 1.105,   0.638,  -12.251, 0.761},
                     "[[-18.417  -2.351 -12.674   2.713   1.568  -1.869 "
                     "-25.168  -5.387  -0.485\n"
                     "    1.133 -15.301  -4.778]\n"
                     " [ -9.785  -8.088  10.609  -8.075  -0.325   8.844  "
                     "-5.836  -1.117   1.105\n"
                     "    0.638 -12.251   0.761]]");
  expectText<int64_t>(SYM_ELEMENT_I64, {1, 30},
                      {100, 101, 102, 103, 104, 105, 106, 107, 108, 109,
                       110, 111, 112, 113, 114, 115, 116, 117, 118, 119,
                       120, 121, 122, 123, 124, 125, 126, 127, 128, 129},
                      "[[100 101 102 103 104 105 106 107 108 109 110 111 112 "
                      "113 114 115 116 117\n"
                      "  118 119 120 121 122 123 124 125 126 127 128 129]]");
  expectText<double>(SYM_ELEMENT_F64, {1, 5, 3},
                     {1e-10, 10000000000.0, 3.3, 1e-10, 10000000000.0, 3.3,
                      1e-10, 10000000000.0, 3.3, 1e-10, 10000000000.0, 3.3,
                      1e-10, 10000000000.0, 3.3},
                     "[[[1.0e-10 1.0e+10 3.3e+00]\n"
                     "  [1.0e-10 1.0e+10 3.3e+00]\n"
                     "  [1.0e-10 1.0e+10 3.3e+00]\n"
                     "  [1.0e-10 1.0e+10 3.3e+00]\n"
                     "  [1.0e-10 1.0e+10 3.3e+00]]]");
}

TEST(Format, Nested) {
  expectText<int64_t>(SYM_ELEMENT_I64, {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7},
                      "[[[0 1]\n"
                      "  [2 3]]\n"
                      "\n"
                      " [[4 5]\n"
                      "  [6 7]]]");
  expectText<int64_t>(SYM_ELEMENT_I64, {2, 2, 2, 2},
                      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                      "[[[[ 0  1]\n"
                      "   [ 2  3]]\n"
                      "\n"
                      "  [[ 4  5]\n"
                      "   [ 6  7]]]\n"
                      "\n"
                      "\n"
                      " [[[ 8  9]\n"
                      "   [10 11]]\n"
                      "\n"
                      "  [[12 13]\n"
                      "   [14 15]]]]");
  expectText<double>(SYM_ELEMENT_F64, {2, 1, 3},
                     {13.588, -15.471, 8.594, 1.194, -6.415, 20.004},
                     "[[[ 13.588 -15.471   8.594]]\n"
                     "\n"
                     " [[  1.194  -6.415  20.004]]]");
}

TEST(Format, Summaries) {
  expectText<int64_t>(SYM_ELEMENT_I64, {1001}, counting<int64_t>(1001),
                      "[   0    1    2 ...  998  999 1000]");
  expectText<int64_t>(SYM_ELEMENT_I64, {11, 100}, counting<int64_t>(1100),
                      "[[   0    1    2 ...   97   98   99]\n"
                      " [ 100  101  102 ...  197  198  199]\n"
                      " [ 200  201  202 ...  297  298  299]\n"
                      " ...\n"
                      " [ 800  801  802 ...  897  898  899]\n"
                      " [ 900  901  902 ...  997  998  999]\n"
                      " [1000 1001 1002 ... 1097 1098 1099]]");
  expectText<int64_t>(SYM_ELEMENT_I64, {500, 3}, counting<int64_t>(1500),
                      "[[   0    1    2]\n"
                      " [   3    4    5]\n"
                      " [   6    7    8]\n"
                      " ...\n"
                      " [1491 1492 1493]\n"
                      " [1494 1495 1496]\n"
                      " [1497 1498 1499]]");
  expectText<int8_t>(SYM_ELEMENT_I8, {8, 2, 100}, std::vector<int8_t>(1600),
                     "[[[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]\n"
                     "\n"
                     " [[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]\n"
                     "\n"
                     " [[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]\n"
                     "\n"
                     " ...\n"
                     "\n"
                     " [[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]\n"
                     "\n"
                     " [[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]\n"
                     "\n"
                     " [[0 0 0 ... 0 0 0]\n"
                     "  [0 0 0 ... 0 0 0]]]");
}

TEST(Format, Strides) {
  std::vector<int64_t> data = {1, 2, 3, 4, 5, 6};
  int64_t sizes[] = {3, 2}, transposed[] = {1, 3}, backwards[] = {-2, 1};
  sym_tensor value = {data.data(), SYM_ELEMENT_I64, 2, sizes, transposed};
  EXPECT_EQ(format(value), "[[1 4]\n [2 5]\n [3 6]]");
  value.data = data.data() + 4;
  value.strides = backwards;
  EXPECT_EQ(format(value), "[[5 6]\n [3 4]\n [1 2]]");
}

TEST(Format, TypesThatNumPyLacks) {
  expectText<uint16_t>(SYM_ELEMENT_BF16, {2}, {0x3f80, 0xc040}, "[ 1. -3.]");
  expectText<uint8_t>(SYM_ELEMENT_F8E4M3FN, {2}, {0x38, 0x7f}, "[ 1. nan]");
  expectText<uint8_t>(SYM_ELEMENT_F8E5M2, {2}, {0x3c, 0xfc}, "[  1. -inf]");
  __int128 large = static_cast<__int128>(1) << 100;
  expectText<__int128>(SYM_ELEMENT_I128, {}, {-large},
                       "-1267650600228229401496703205376");
  expectText<uint8_t>(SYM_ELEMENT_I4, {}, {0}, "<i4>");
  expectText<uint8_t>(77, {}, {0}, "<element 77>");
}

TEST(Format, WritesWhatFits) {
  std::vector<int64_t> data = {1, 2, 3};
  int64_t size = 3;
  sym_tensor value = {data.data(), SYM_ELEMENT_I64, 1, &size, nullptr};
  char text[5] = "????";
  EXPECT_EQ(sym_format(&value, text, sizeof(text)), 7u);
  EXPECT_STREQ(text, "[1 2");
  EXPECT_EQ(sym_format(&value, text, 1), 7u);
  EXPECT_STREQ(text, "");
}
