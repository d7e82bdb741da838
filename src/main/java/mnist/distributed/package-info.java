/** Training one network in several processes: libtorch's own rendezvous, process groups and reducer (c10d). */
package mnist.distributed;
