#!/usr/bin/env bash
# Tries the project on a GPU workstation, from the most important question on: bench/gpu.sh OUT [cuda|cpu]
# Each answer is written to OUT as soon as it is there, with its exit status and seconds; cpu lets the CPU stand in, with
# fewer images. RUN starts the program where `java @native-config/gpu.args` does not, PYTHON a Python with PyTorch.
set -u
out=${1:?usage: bench/gpu.sh OUT [cuda|cpu]}; device=${2:-cuda}
if [ "$device" = cuda ]; then arguments=gpu images=60000 epochs=10; else arguments=cpu images=2000 epochs=2; fi
run=${RUN:-java @native-config/$arguments.args}; python=${PYTHON:-python3}
mkdir -p "$out"
step() { # NAME SECONDS COMMAND...: a step that fails or takes longer does not stop the next
  local name=$1 limit=$2 start=$SECONDS; shift 2
  timeout "$limit" "$@" >"$out/$name.txt" 2>&1; local status=$?
  echo "$name: exit status $status after $((SECONDS - start)) s" | tee -a "$out/steps.txt"
}
prob6() { step "$1" "$2" $run prob6 --device "$device" --saved-dir "$out/$3" --figures-dir "$out/figures" "${@:4}"; }

step 1-doctor 60 $run doctor
prob6 1-first-run 120 first --epochs 1 --train-size $((images / 3))
step 2-check-gpu 400 $run check-gpu --device "$device" --python "$python" --report "$out/GPU.md" $([ "$device" = cpu ] && echo --test-size 200)
prob6 3-problem6 200 saved --train-size $images --epochs $epochs
step 3-python 200 $python bench/python/problem6.py plain,skip,noisy,skip-noisy "$(nproc)" data $images $epochs "$device"
# stopped by a signal after some seconds, then resumed to the end
prob6 4-stopped $([ "$device" = cuda ] && echo 8 || echo 4) stopped --only plain --epochs $epochs --train-size $images
prob6 4-resumed 120 stopped --only plain --epochs $epochs --train-size $images --resume
for suffix in pt pt2; do step "4-opened-on-cpu-$suffix" 60 $run eval "$out/saved/mnist_cae.$suffix" --device cpu; done
$python - "$out/images.safetensors" <<'PYTHON' # 128 black images
import json, struct, sys
header = json.dumps({"0": {"dtype": "F32", "shape": [128, 1, 28, 28], "data_offsets": [0, 128 * 784 * 4]}}).encode()
open(sys.argv[1], "wb").write(struct.pack("<Q", len(header)) + header + bytes(128 * 784 * 4))
PYTHON
step 4-program-called 60 $run run "$out/saved/mnist_cae.pt2" --device "$device" --inputs "$out/images.safetensors" --repeat 100
step 4-program-trained 120 $run train "$out/saved/mnist_cae.pt2" --device "$device" --target images --loss mse --optimizer adam --epochs 1 --saved-dir "$out/trained"
for jobs in 1 4; do prob6 "5-jobs-$jobs" 120 "jobs-$jobs" --epochs 2 --train-size $images --jobs $jobs; done
cat "$out/steps.txt"
