/// The suite across modules: conformance, goldens, gradient checks, properties, rules of the rooms.
package dev.gatun.tests;
