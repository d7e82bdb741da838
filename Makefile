# make prob6 trains problem 6; make help lists the rest
.DEFAULT_GOAL := help
.PHONY: help build data doctor prob4 prob5 prob6 test test-grading grade parity clean

MAVEN := mvn -B -ntp
JAR := target/mnist-libtorch.jar
RUN := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/)java @native-config/cpu.args
TRACES := target/parity
# The first Python that has PyTorch; where none has, the first there is, which then says so
PYTHON = $(shell for p in python3 /usr/bin/python3; do $$p -c 'import torch' 2>/dev/null && echo $$p && exit; done; echo python3)
OPTIONS := $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

help: ## list what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "  EPOCHS=n, DEVICE=auto|cpu|cuda and ARGS=\"--any --option\" are passed on"

prob4: $(JAR) ## train, save, draw and examine the classifier
	@$(RUN) $@ $(OPTIONS)

prob5: $(JAR) ## train, save and draw the autoencoder, and compare a linear one with PCA
	@$(RUN) $@ $(OPTIONS)

prob6: $(JAR) ## train, save and draw the convolutional autoencoders
	@$(RUN) $@ $(OPTIONS)

grade: data ## let Python open, call and measure the saved models
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

data: $(JAR) ## fetch MNIST into data/ and check it
	@$(RUN) $@

doctor: $(JAR) ## tell what a run would find on this machine
	@$(RUN) $@ $(ARGS)

build: $(JAR) ## compile, with every library beside the jar

$(JAR): pom.xml .mvn/maven.config $(shell find src/main -type f)
	@echo "Building (Maven fetches about 115 MB of libraries the first time) ..."
	@$(MAVEN) -q -DskipTests package
	@touch $@

test: ## run all tests
	@$(MAVEN) test

test-grading: data ## test the grading itself, with Python
	@cd grading && $(PYTHON) -m unittest -q test_grading

clean: ## remove what was built; data, models and figures stay
	@rm -rf target
