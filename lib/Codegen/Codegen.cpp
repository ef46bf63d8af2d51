#include "sym/Codegen/Passes.h"
