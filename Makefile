# make prob6 trains problem 6; make help lists the rest
.DEFAULT_GOAL := help
.PHONY: help build data doctor prob4 prob5 prob6 test clean

MAVEN := mvn -B -ntp
JAR := target/mnist-libtorch.jar
RUN := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/)java @native-config/cpu.args
OPTIONS := $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(DEVICE),--device $(DEVICE)) $(ARGS)

help: ## list what there is
	@sed -n 's/^\([a-z0-9 ]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'
	@echo "  EPOCHS=n, DEVICE=auto|cpu|cuda and ARGS=\"--any --option\" are passed on"

prob4: $(JAR) ## train, save, draw and examine the classifier
	@$(RUN) $@ $(OPTIONS)

prob5: $(JAR) ## train, save and draw the autoencoder, and compare a linear one with PCA
	@$(RUN) $@ $(OPTIONS)

prob6: $(JAR) ## train, save and draw the convolutional autoencoders
	@$(RUN) $@ $(OPTIONS)

data: $(JAR) ## fetch MNIST into data/ and check it
	@$(RUN) $@ $(ARGS)

doctor: $(JAR) ## tell what a run would find on this machine
	@$(RUN) $@ $(ARGS)

build: $(JAR) ## compile, with every library beside the jar

$(JAR): pom.xml .mvn/maven.config $(shell find src/main -type f)
	@echo "Building (Maven fetches about 115 MB of libraries the first time) ..."
	@$(MAVEN) -q -DskipTests package
	@touch $@

test: ## run all tests
	@$(MAVEN) test

clean: ## remove what was built; data, models and figures stay
	@rm -rf target
