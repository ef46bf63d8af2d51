//===- FileTests.cpp - .npy and .npz --------------------------------------===//

#include "FileFixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

using namespace symtest;

namespace {
template <typename T>
void expectArray(sym_array *array, int32_t element, std::vector<int64_t> sizes,
                 std::vector<T> data) {
  sym_tensor view = sym_array_view(array);
  EXPECT_EQ(view.element, element);
  EXPECT_EQ(std::vector<int64_t>(view.sizes, view.sizes + view.rank), sizes);
  const T *found = static_cast<const T *>(view.data);
  EXPECT_EQ(std::vector<T>(found, found + data.size()), data);
  sym_array_release(array);
}
} // namespace

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

TEST_F(Files, ReadsWhatNumPySaves) {
  sym_array *a;
  ASSERT_OK(sym_npy_load(input("f4.npy").c_str(), &a));
  expectArray<float>(a, SYM_ELEMENT_F32, {3, 2}, {1.5, 2, 3, 4, 5, 6});
  ASSERT_OK(sym_npy_load(input("fortran.npy").c_str(), &a));
  expectArray<int64_t>(a, SYM_ELEMENT_I64, {2, 3}, {1, 2, 3, 4, 5, 6});
  ASSERT_OK(sym_npy_load(input("big-endian.npy").c_str(), &a));
  expectArray<int32_t>(a, SYM_ELEMENT_I32, {3}, {1, -2, 70000});
  ASSERT_OK(sym_npy_load(input("big-complex.npy").c_str(), &a));
  expectArray<double>(a, SYM_ELEMENT_C128, {1}, {1, 2});
  ASSERT_OK(sym_npy_load(input("version2.npy").c_str(), &a));
  expectArray<uint8_t>(a, SYM_ELEMENT_BOOL, {2}, {1, 0});
  ASSERT_OK(sym_npy_load(input("scalar.npy").c_str(), &a));
  expectArray<double>(a, SYM_ELEMENT_F64, {}, {0.25});
}

TEST_F(Files, RefusesWhatIsNoArrayOfNumbers) {
  sym_array *a;
  EXPECT_EQ(sym_npy_load(input("object.npy").c_str(), &a), SYM_BAD_FORMAT);
  EXPECT_NE(strstr(sym_error_message(), "pickled objects are refused"),
            nullptr);
  EXPECT_EQ(sym_npy_load(input("text.npy").c_str(), &a), SYM_BAD_FORMAT);
  EXPECT_EQ(sym_npy_load(input("structure.npy").c_str(), &a), SYM_BAD_FORMAT);
  EXPECT_EQ(sym_npy_load(path("nowhere").c_str(), &a), SYM_IO_ERROR);
  EXPECT_EQ(sym_npy_load(directory.c_str(), &a), SYM_IO_ERROR);
}

TEST_F(Files, RefusesFilesCutAtEveryLength) {
  Bytes whole = read(input("f4.npy"));
  for (size_t length = 0; length < whole.size(); ++length) {
    write(path("cut"), Bytes(whole.begin(), whole.begin() + long(length)));
    sym_array *a;
    EXPECT_EQ(sym_npy_load(path("cut").c_str(), &a), SYM_BAD_FORMAT) << length;
  }
  whole.push_back(0);
  write(path("long"), whole);
  sym_array *a;
  EXPECT_EQ(sym_npy_load(path("long").c_str(), &a), SYM_BAD_FORMAT);
}

TEST_F(Files, RefusesStrangeHeaders) {
  auto load = [&](const std::string &header, unsigned declared = 0) {
    Bytes bytes = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
    unsigned length = declared ? declared : unsigned(header.size());
    bytes.push_back(char(length & 0xff));
    bytes.push_back(char(length >> 8));
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.resize(bytes.size() + 16); // two doubles
    write(path("strange"), bytes);
    sym_array *a = nullptr;
    sym_status status = sym_npy_load(path("strange").c_str(), &a);
    sym_array_release(a);
    return status;
  };
  EXPECT_OK(load("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"));
  EXPECT_OK(load("{\"shape\":(1,2),\"descr\":\"<f8\",\"fortran_order\":True}"));
  const char *bad[] = {
      "",
      "{}",
      "[]",
      "{'descr': '<f8', 'fortran_order': False}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)",
      "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': 2}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2 3)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'x': 1}",
      "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': 'f8', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f9', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '|f8', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}",
      "{'descr':'<f8','fortran_order':False,'shape':(99999999999999999999,)}",
      "{'descr': '|V8', 'fortran_order': False, 'shape': (2,)}"};
  for (const char *header : bad)
    EXPECT_EQ(load(header), SYM_BAD_FORMAT) << header;
  EXPECT_EQ(load("{'descr': '<f8', 'fortran_order': False, "
                 "'shape': (4611686018427387904, 4)}"),
            SYM_OVERFLOW);
  std::string ranks = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 65; ++i)
    ranks += "1, ";
  EXPECT_EQ(load(ranks + "2)}"), SYM_BAD_FORMAT);
  EXPECT_EQ(load("{'descr': '<f8'}", 65000), SYM_BAD_FORMAT) << "cut short";
}

TEST_F(Files, SavesAndLoadsStrided) {
  double data[] = {1, 2, 3, 4, 5, 6};
  int64_t sizes[] = {3, 2}, strides[] = {1, 3};
  sym_tensor value = {data, SYM_ELEMENT_F64, 2, sizes, strides};
  ASSERT_OK(sym_npy_save(path("a.npy").c_str(), &value));
  sym_array *a;
  ASSERT_OK(sym_npy_load(path("a.npy").c_str(), &a));
  expectArray<double>(a, SYM_ELEMENT_F64, {3, 2}, {1, 4, 2, 5, 3, 6});
  uint16_t half = 0x3f80;
  sym_tensor bf16 = {&half, SYM_ELEMENT_BF16, 0, nullptr, nullptr};
  EXPECT_EQ(sym_npy_save(path("a.npy").c_str(), &bf16), SYM_INVALID_ARGUMENT);
  EXPECT_EQ(list(), (std::vector<std::string>{"a.npy"}));
}

//===----------------------------------------------------------------------===//
// .npz
//===----------------------------------------------------------------------===//

TEST_F(Files, LoadsWhatNumPySavez) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("t"), {9}));
  // t is not in the file.
  EXPECT_EQ(sym_instance_load(instance.get(), input("savez.npz").c_str(), 0),
            SYM_NOT_FOUND);
  EXPECT_NE(strstr(sym_error_message(), "the file has no variable 't'"),
            nullptr);
  EXPECT_EQ(readInt(instance.variable("n")), 0) << "nothing was loaded";
  ASSERT_OK(sym_instance_load(instance.get(), input("savez.npz").c_str(), 1));
  EXPECT_EQ(readInt(instance.variable("n")), 5);
  EXPECT_EQ(readInt(instance.variable("m")), -6);
  EXPECT_EQ(readVector(instance.variable("s")), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(readVector(instance.variable("t")), (std::vector<double>{9}));
  ASSERT_OK(
      sym_instance_load(instance.get(), input("compressed.npz").c_str(), 0));
  EXPECT_EQ(readInt(instance.variable("m")), 8);
  EXPECT_EQ(readVector(instance.variable("s"))[999], 999);
  EXPECT_EQ(readVector(instance.variable("t")), std::vector<double>());
}

namespace {
/// A program with every element type that has a size, and odd names.
const sym_program *manyTypes() {
  static ProgramBuilder builder;
  static std::deque<std::string> names;
  static const sym_program *program = [] {
    for (int32_t element = 1; element <= SYM_ELEMENT_C128; ++element)
      if (sym_element_size(element)) {
        names.push_back("v\"" + std::to_string(element) + "/\n\xc3\xa9");
        builder.variable(
            names.back().c_str(), builder.type(element, {SYM_DYNAMIC, 2}),
            element % 2 ? SYM_POLICY_INPLACE : SYM_POLICY_DOUBLE_BUFFER);
      }
    return builder.program();
  }();
  return program;
}
} // namespace

TEST_F(Files, RoundTripOfEveryElementType) {
  Instance instance(manyTypes()), other(manyTypes());
  for (int i = 0; i < manyTypes()->num_variables; ++i) {
    sym_variable *v = sym_instance_variable_at(instance.get(), i);
    int64_t sizes[] = {i % 3, 2};
    Bytes data(size_t(sizes[0] * 2) *
                   sym_element_size(sym_variable_type(v).element),
               1);
    sym_tensor value = {data.data(), sym_variable_type(v).element, 2, sizes,
                        nullptr};
    if (i % 5) // some stay without a value
      ASSERT_OK(sym_variable_set(v, &value));
  }
  ASSERT_OK(sym_instance_save(instance.get(), path("all.npz").c_str()));
  EXPECT_EQ(list(), (std::vector<std::string>{"all.npz"}));
  ASSERT_OK(sym_instance_load(other.get(), path("all.npz").c_str(), 1));
  for (int i = 0; i < manyTypes()->num_variables; ++i) {
    sym_array *a = nullptr, *b = nullptr;
    sym_status sa =
        sym_variable_get(sym_instance_variable_at(instance.get(), i), &a);
    sym_status sb =
        sym_variable_get(sym_instance_variable_at(other.get(), i), &b);
    EXPECT_EQ(sa, sb) << i;
    if (!sa && !sb) {
      sym_tensor x = sym_array_view(a), y = sym_array_view(b);
      EXPECT_EQ(x.element, y.element);
      EXPECT_EQ(x.sizes[0], y.sizes[0]);
      EXPECT_EQ(memcmp(x.data, y.data,
                       size_t(x.sizes[0] * 2) * sym_element_size(x.element)),
                0);
    }
    sym_array_release(a);
    sym_array_release(b);
  }
  // The same values give the same bytes.
  ASSERT_OK(sym_instance_save(other.get(), path("again.npz").c_str()));
  EXPECT_EQ(read(path("all.npz")), read(path("again.npz")));
}

TEST_F(Files, S4_LoadChecksTypesAndNames) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ProgramBuilder builder;
  static const double half[] = {0.5};
  builder.variable("n", builder.type(SYM_ELEMENT_F64, {}), 0, half);
  Instance other(builder.program());
  ASSERT_OK(sym_instance_save(other.get(), path("a.npz").c_str()));
  EXPECT_EQ(sym_instance_load(instance.get(), path("a.npz").c_str(), 1),
            SYM_TYPE_MISMATCH);
  ProgramBuilder second;
  second.variable("z", second.type(SYM_ELEMENT_F64, {}), 0, half);
  Instance third(second.program());
  ASSERT_OK(sym_instance_save(third.get(), path("b.npz").c_str()));
  EXPECT_EQ(sym_instance_load(instance.get(), path("b.npz").c_str(), 1),
            SYM_NOT_FOUND);
  EXPECT_NE(strstr(sym_error_message(),
                   "variable 'z': the program has no such variable"),
            nullptr);
}

TEST_F(Files, B3_LoadMeetsAWriteBorrow) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  ASSERT_OK(sym_instance_save(instance.get(), path("a.npz").c_str()));
  ASSERT_OK(setInt(instance.variable("n"), 77));
  sym_write_borrow *borrow;
  ASSERT_OK(sym_variable_borrow_mut(instance.variable("t"), &borrow));
  EXPECT_EQ(sym_instance_load(instance.get(), path("a.npz").c_str(), 0),
            SYM_BORROWED);
  EXPECT_EQ(readInt(instance.variable("n")), 77) << "all or nothing";
  sym_write_borrow_rollback(borrow);
  EXPECT_OK(sym_instance_load(instance.get(), path("a.npz").c_str(), 0));
  EXPECT_EQ(readInt(instance.variable("n")), 0);
}

TEST_F(Files, T4_EveryFailedAllocation) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1}));
  ASSERT_OK(setVector(instance.variable("t"), {2}));
  ASSERT_OK(sym_instance_save(instance.get(), path("a.npz").c_str()));
  Bytes original = read(path("a.npz"));
  std::string files[] = {"", path("a.npz"), input("compressed.npz")};
  for (const std::string &file : files)
    for (int64_t k = 1;; ++k) {
      ASSERT_LT(k, 300);
      ASSERT_OK(setInt(instance.variable("n"), 5));
      int64_t before = sym_get_statistics().bytes_in_use;
      sym_debug_fail_allocation(k);
      sym_status status =
          file.empty()
              ? sym_instance_save(instance.get(), path("b.npz").c_str())
              : sym_instance_load(instance.get(), file.c_str(), 0);
      if (sym_debug_fail_allocation(0) != 0) {
        EXPECT_OK(status);
        unlink(path("b.npz").c_str());
        break;
      }
      EXPECT_EQ(status, SYM_OUT_OF_MEMORY);
      EXPECT_EQ(sym_get_statistics().bytes_in_use, before);
      EXPECT_EQ(readInt(instance.variable("n")), 5);
      EXPECT_EQ(list(), (std::vector<std::string>{"a.npz"}));
    }
  EXPECT_EQ(read(path("a.npz")), original);
}

TEST_F(Files, DamageNeverPassesUnnoticed) {
  for (const Bytes &original :
       {read(input("savez.npz")), read(input("compressed.npz"))}) {
    Instance good(mainProgram(SYM_POLICY_INPLACE));
    write(path("x.npz"), original);
    ASSERT_OK(sym_instance_load(good.get(), path("x.npz").c_str(), 1));
    Instance instance(mainProgram(SYM_POLICY_INPLACE));
    int64_t before = sym_get_statistics().bytes_in_use;
    // Cut at every length.
    for (size_t length = 0; length < original.size(); ++length) {
      write(path("x.npz"),
            Bytes(original.begin(), original.begin() + long(length)));
      ASSERT_NE(sym_instance_load(instance.get(), path("x.npz").c_str(), 1),
                SYM_OK)
          << length;
      ASSERT_EQ(sym_get_statistics().bytes_in_use, before) << length;
    }
    // Every byte changed: either an error, or a byte that says nothing about
    // the values.
    for (size_t at = 0; at < original.size(); ++at) {
      Bytes bytes = original;
      bytes[at] = char(bytes[at] ^ (at % 2 ? 0xff : 0x01));
      write(path("x.npz"), bytes);
      Instance fresh(mainProgram(SYM_POLICY_INPLACE));
      if (sym_instance_load(fresh.get(), path("x.npz").c_str(), 1))
        continue;
      for (const char *name : {"n", "m"})
        ASSERT_EQ(readInt(fresh.variable(name)), readInt(good.variable(name)))
            << at;
      ASSERT_EQ(readVector(fresh.variable("s")), readVector(good.variable("s")))
          << at;
    }
  }
}

//===----------------------------------------------------------------------===//
// Replacing a file
//===----------------------------------------------------------------------===//

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), std::vector<double>(100000, 1)));
  ASSERT_OK(setInt(instance.variable("n"), 1));
  ASSERT_OK(sym_instance_save(instance.get(), path("a.npz").c_str()));
  Bytes original = read(path("a.npz"));
  ASSERT_OK(setInt(instance.variable("n"), 2));
  // The system refuses to write beyond 100 KB.
  signal(SIGXFSZ, SIG_IGN);
  rlimit old, limit;
  getrlimit(RLIMIT_FSIZE, &old);
  limit = old;
  limit.rlim_cur = 100000;
  setrlimit(RLIMIT_FSIZE, &limit);
  sym_status status = sym_instance_save(instance.get(), path("a.npz").c_str());
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_EQ(status, SYM_IO_ERROR);
  EXPECT_NE(strstr(sym_error_message(), "cannot write"), nullptr);
  EXPECT_EQ(read(path("a.npz")), original);
  EXPECT_EQ(list(), (std::vector<std::string>{"a.npz"}));
  EXPECT_EQ(sym_instance_save(instance.get(), path("no/where").c_str()),
            SYM_IO_ERROR);
  EXPECT_EQ(sym_instance_save(instance.get(), ""), SYM_INVALID_ARGUMENT);
}

TEST_F(Files, T1_SaveIsASnapshotThatHoldsNobodyUp) {
  // While the file is written the variables are pinned: an update goes
  // elsewhere, and afterwards happens in place again.
  Instance instance(mainProgram(SYM_POLICY_INPLACE));
  ASSERT_OK(setVector(instance.variable("s"), {1, 2}));
  ASSERT_OK(sym_instance_save(instance.get(), path("a.npz").c_str()));
  std::vector<double> x = {1, 1};
  sym_reset_statistics();
  ASSERT_OK(instance.call("axpy", {Tensor(x)}));
  EXPECT_EQ(sym_get_statistics().copy_on_write, 0) << "a pin was left";
}
