/// Tests of the project itself: the rules between the modules, the sources, the documentation, the launcher, the jars.
package dev.gatun.tests.project;
