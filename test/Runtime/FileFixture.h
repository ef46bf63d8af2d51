//===- FileFixture.h - A folder of files for a test -------------*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_FILEFIXTURE_H
#define SYM_TEST_RUNTIME_FILEFIXTURE_H

#include "Programs.h"

#include <dirent.h>
#include <fstream>
#include <iterator>
#include <stdlib.h>
#include <unistd.h>

namespace symtest {

using Bytes = std::vector<char>;

/// A folder that goes with the test.
class Files : public testing::Test {
protected:
  Files() {
    // In memory where the system offers that: some tests write many files.
    char fast[] = "/dev/shm/sym-files-XXXXXX", any[] = "/tmp/sym-files-XXXXXX";
    const char *made = mkdtemp(fast);
    directory = made ? made : mkdtemp(any);
  }
  ~Files() override {
    for (const std::string &name : list())
      unlink((directory + "/" + name).c_str());
    rmdir(directory.c_str());
  }
  std::vector<std::string> list() {
    std::vector<std::string> names;
    DIR *d = opendir(directory.c_str());
    while (dirent *entry = readdir(d))
      if (entry->d_name[0] != '.')
        names.push_back(entry->d_name);
    closedir(d);
    return names;
  }
  std::string path(const char *name) { return directory + "/" + name; }
  void write(const std::string &file, const Bytes &bytes) {
    std::ofstream(file, std::ios::binary)
        .write(bytes.data(), std::streamsize(bytes.size()));
  }
  Bytes read(const std::string &file) {
    std::ifstream in(file, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(in), {});
  }
  /// A file that NumPy wrote (Inputs/write-files.py).
  static std::string input(const char *name) {
    return std::string(SYM_TEST_INPUTS "/") + name;
  }
  std::string directory;
};

} // namespace symtest

#endif // SYM_TEST_RUNTIME_FILEFIXTURE_H
