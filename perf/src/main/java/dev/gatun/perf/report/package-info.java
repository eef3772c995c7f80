/// One HTML page from the rows of all suites: charts drawn here as inline SVG, a table under every chart, no network.
package dev.gatun.perf.report;
