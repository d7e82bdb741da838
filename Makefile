# make prob6 trains problem 6; make help lists the rest
.DEFAULT_GOAL := help
.PHONY: help build data doctor prob4 prob5 prob6 ablations all cuda check check-gpu format test soak operators test-grading grade parity report play shell bench bench-programs busy scaling clean

JDK := $(if $(JAVA_HOME),"$(JAVA_HOME)/bin/")
JAVA := $(JDK)java
CUDA := $(JDK)javac -d target/cuda -sourcepath src/main/java src/main/java/mnist/system/CudaReport.java && $(JAVA) -cp target/cuda mnist.system.CudaReport
# GPU=1 fetches CUDA's libraries where they are missing, builds for CUDA and runs with it; GPU=0 does not. Unset, it is
# used where a GPU, its driver and CUDA's libraries are found; where one is not, CudaReport says so, and the CPU computes.
ifeq ($(MAKECMDGOALS)$(DEVICE),check-gpu) # without DEVICE=cpu it is the CUDA build that is to be proven
GPU ?= 1
endif
FETCH := $(if $(filter 1,$(GPU)),cuda)
ifndef GPU
GPU := $(if $(filter-out help clean cuda check format test soak operators,$(MAKECMDGOALS)),$(shell command -v nvidia-smi >/dev/null && $(CUDA) use))
endif
COMMA := ,
SPACE := $(subst ,, )
NATIVES := $(if $(filter 1,$(GPU)),gpu,cpu)
# whose own JVM .mvn/jvm.config lets compile quickly rather than twice: it does not live long
MAVEN := mvn -B -ntp
# of the two builds of libtorch one; .mvn/maven.config chooses the CPU's where nothing else is said
PROFILES := $(if $(filter gpu,$(NATIVES)),!cpu$(COMMA)gpu,cpu)
BUILT := target/$(NATIVES).built
RUN := $(JAVA) @native-config/$(NATIVES).args
# JShell compiles on the class path, and runs what is typed in a JVM of its own, which -R is for
JSHELL = $(JDK)jshell --startup native-config/shell.jsh --feedback concise \
	--class-path target/mnist-libtorch.jar:$(subst $(SPACE),:,$(wildcard target/lib/*.jar)) \
	-R--enable-native-access=ALL-UNNAMED -R-Dorg.bytedeco.javacpp.maxphysicalbytes=0
TRACES := target/parity
# The first Python that has PyTorch; where none has, the first there is, which then says so
PYTHON = $(shell for p in python3 /usr/bin/python3; do $$p -c 'import torch' 2>/dev/null && echo $$p && exit; done; echo python3)
OPTIONS := $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(DEVICE),--device $(DEVICE)) $(if $(RANKS),--ranks $(RANKS)) $(ARGS)

# Threads of OpenMP wait for one another by spinning. Where another program uses a core, they would spin for most of its
# time: after a thousand turns they sleep. libgomp reads this when it is loaded, which Java cannot do anything about.
export GOMP_SPINCOUNT ?= 1000

help: ## list all targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'
	@echo "  EPOCHS=n, DEVICE=auto|cpu|cuda, RANKS=n and ARGS=\"--any --option\" are passed on"
	@echo "  GPU=1 uses libtorch's CUDA build, GPU=0 does not; unset, it is used where a GPU and CUDA 13 are found"

prob4: $(BUILT) ## train, save, draw and examine the classifier
	@$(RUN) $@ $(OPTIONS)

prob5: $(BUILT) ## train, save and draw the autoencoder, and compare a linear one with PCA
	@$(RUN) $@ $(OPTIONS)

prob6: $(BUILT) ## train, save and draw the convolutional autoencoders
	@$(RUN) $@ $(OPTIONS)

ablations: $(BUILT) ## train the autoencoders of problem 6 with one skip connection, and with wider codes, for the report
	@$(RUN) ablations --seeds 1,2,3,4,5 $(OPTIONS)

all: $(BUILT) ## all of problems 4 to 6 at the same time, and the report
	@$(RUN) $@ $(if $(NAME),--name $(NAME)) $(OPTIONS)

bench: data ## measure speed side by side with Python, C++, DJL and others
	@$(PYTHON) bench/bench.py $(ARGS)

bench-programs: data ## measure networks that Python exported, called from Java, Python and DJL
	@$(PYTHON) bench/programs.py $(ARGS)

scaling: data ## measure the speed of several processes, and predict it for more machines
	@$(PYTHON) bench/scaling.py $(ARGS)

busy: data ## measure how much another busy process slows the problems down
	@$(PYTHON) bench/busy.py --output bench/BUSY.md $(ARGS)

grade: data ## open, call and measure the saved models in Python
	@$(PYTHON) grading/grade.py $(ARGS)

parity: TRACE = $(RUN) $(1) --epochs 1 --threads 1 --device cpu --saved-dir $(TRACES)/saved --figures-dir $(TRACES)/figures
parity: data ## train in Java and in Python from one seed, and compare step by step
	@rm -rf $(TRACES)
	@$(call TRACE,prob4) --trace-dir $(TRACES) $(ARGS)
	@$(call TRACE,prob5) --trace-dir $(TRACES) $(ARGS)
	@$(call TRACE,prob6) --trace-dir $(TRACES) $(ARGS)
	@$(call TRACE,prob4) --trace-dir $(TRACES)/float64 --double --train-size 6400
	@$(PYTHON) grading/parity.py $(TRACES)
	@$(RUN) parity --trace-dir $(TRACES)

report: data ## write the exercise as PDF and as a page for the screen: NAME=riddletm
	@$(RUN) $@ $(if $(NAME),--name $(NAME)) $(ARGS)

shell: $(BUILT) ## start JShell with libtorch loaded and imported: docs/SHELL.md
	@$(JSHELL)

play: data ## draw a digit and watch the networks compute: a page on this machine; docs/PLAY.md
	@$(RUN) $@ $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

data: $(BUILT) ## fetch MNIST into data/ and check it
	@$(RUN) $@

doctor: $(BUILT) ## print what a run would use on this machine
	@$(RUN) $@ $(ARGS)

check-gpu: data ## compare the GPU with the CPU: losses, files, memory, speed; writes bench/GPU.md
	@$(RUN) $@ --python $(PYTHON) $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

cuda: ## download the CUDA 13 libraries that libtorch needs, once: 1.7 GB, into ~/.cache/mnist-libtorch
	@$(CUDA) libraries || sh native-config/fetch-cuda.sh

build: $(BUILT) ## compile, with every library beside the jar

$(BUILT): pom.xml .mvn/maven.config $(shell find src/main -type f) | $(FETCH)
	@echo "Building (Maven fetches about $(if $(filter gpu,$(NATIVES)),540,180) MB of libraries the first time) ..."
	@rm -f target/*.built target/*.jsa target/*.jar # whose manifest names the natives
	@$(MAVEN) '-P$(PROFILES)' -q -Dmaven.test.skip=true -Dcommit=$(shell git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null) package
	@sh native-config/archive.sh $(JAVA) $(NATIVES)
	@touch $@

check: ## check format, code, Javadoc and versions, without running a test
	@$(MAVEN) -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Pcpu,check clean test-compile

format: ## format every Java file
	@$(MAVEN) -q spotless:apply

# on the CPU everywhere: the same bits are promised there
test: ## run all tests
	@$(MAVEN) -Pcpu test

soak: ## run the long tests: lost ranks, fifty killed runs, memory over fifty epochs, 100,000 requests, a million mutated files
	@$(MAVEN) -Pcpu test -Dgroups=soak -Dexcluded.tests=
	@$(MAVEN) -Pcpu test -Dtest=MutationTest,CheckpointTest -Dmutations=150000

operators: ## write docs/OPERATORS.md from PROGRAMS=folder of programs that Python exported
	@$(MAVEN) -q -Pcpu test -Dtest=CoverageTest -Dprograms=$(PROGRAMS)

test-grading: data ## test the grading itself, with Python
	@cd grading && $(PYTHON) -m unittest -q test_grading

clean: ## remove what was built, but not data, models and figures
	@rm -rf target
