#include "sym/Conversion/Passes.h"
