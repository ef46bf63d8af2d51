#include "sym/Dialect/Sym/Transforms/Passes.h"
