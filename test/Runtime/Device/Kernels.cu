//===- Kernels.cu - The suite's kernels, for a device ---------------------===//

#define KERNEL(name) extern "C" __global__ void name
#define GLOBAL(type) type *
#define SHARED(type, name, count) __shared__ type name[count]
#define DYNAMIC_SHARED(type, name) extern __shared__ type name[]
#define THREAD_X threadIdx.x
#define THREAD_Y threadIdx.y
#define BLOCK_X blockIdx.x
#define BLOCK_Y blockIdx.y
#define BLOCK_DIM_X blockDim.x
#define GRID_DIM_X gridDim.x
#define BARRIER() __syncthreads()
#define SHUFFLE_UP(mask, value, by) __shfl_up_sync(mask, value, by)
#define SHUFFLE_DOWN(mask, value, by) __shfl_down_sync(mask, value, by)
#define SHUFFLE_XOR(mask, value, by) __shfl_xor_sync(mask, value, by)
#define SHUFFLE_INDEX(mask, value, lane) __shfl_sync(mask, value, lane)
#define BALLOT(mask, yes) __ballot_sync(mask, yes)
#define ANY(mask, yes) unsigned(__any_sync(mask, yes) != 0)
#define ALL(mask, yes) unsigned(__all_sync(mask, yes) != 0)
#define ATOMIC_ADD(array, index, value) atomicAdd(&array[index], value)

#include "Kernels.inc"
