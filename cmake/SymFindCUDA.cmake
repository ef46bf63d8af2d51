# The CUDA toolkit, with which kernels are compiled. Without it they are
# refused; nothing else needs it.
find_package(CUDAToolkit QUIET)
set(SYM_CUDA_TOOLKIT "" CACHE PATH "The CUDA toolkit; found if it is empty")
if(NOT SYM_CUDA_TOOLKIT AND CUDAToolkit_FOUND)
  get_filename_component(folder ${CUDAToolkit_BIN_DIR} DIRECTORY)
  set_property(CACHE SYM_CUDA_TOOLKIT PROPERTY VALUE ${folder})
endif()
