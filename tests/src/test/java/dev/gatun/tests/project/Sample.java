package dev.gatun.tests.project;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One `java` block of a page. `place` is `page:line` of its opening fence.
record Sample(String place, String code) {
    private static final Pattern TYPE = Pattern.compile(
            "(?m)^(?:@\\w+\\s+)*(?:(?:public|final|sealed|non-sealed|abstract)\\s+)*(?:class|interface|enum|record)\\s+(\\w+)");
    private static final Pattern COMPACT = Pattern.compile("(?m)^(?:static\\s+)?void\\s+main\\s*\\(");
    private static final Pattern GIVEN = Pattern.compile("(?m)^// given: (.+)$");

    static List<Sample> in(String page, String text) {
        List<Sample> samples = new ArrayList<>();
        StringBuilder code = null;
        String fence = "";
        int opened = 0;
        int line = 0;
        for (String row : text.lines().toList()) {
            line++;
            String bare = row.strip();
            if (code == null && bare.startsWith("```")) {
                code = new StringBuilder();
                fence = bare.substring(3).strip();
                opened = line;
            } else if (code != null && bare.equals("```")) {
                if (fence.equals("java")) samples.add(new Sample(page + ":" + opened, code.toString().stripIndent()));
                code = null;
            } else if (code != null) {
                code.append(row).append('\n');
            }
        }
        return samples;
    }

    /// The name of the file that this sample must be compiled in.
    String typeName() {
        var publicType = Pattern.compile("(?m)^public\\s.*?(?:class|interface|enum|record)\\s+(\\w+)").matcher(code);
        return publicType.find() ? publicType.group(1) : "Sample";
    }

    /// A whole file: the block itself, or the block as the body of a method.
    String source() {
        boolean whole = code.startsWith("package ") || COMPACT.matcher(code).find()
                || TYPE.matcher(code).find() && !hasStatements();
        if (whole) return code;
        String imports = code.lines().filter(l -> l.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = code.lines().filter(l -> !l.startsWith("import ")).collect(Collectors.joining("\n"));
        String given = GIVEN.matcher(code).results().map(m -> m.group(1).strip()).collect(Collectors.joining(", "));
        return imports + "\nclass Sample {\n    void body(" + given + ") throws Exception {\n" + body + "\n    }\n}\n";
    }

    /// Whether something other than imports, comments and types stands at the left margin: a method body may declare
    /// records of its own.
    private boolean hasStatements() {
        return code.lines()
                .anyMatch(l -> !l.isBlank() && !Character.isWhitespace(l.charAt(0)) && !l.startsWith("import ")
                        && !l.startsWith("//") && !l.startsWith("}") && !l.startsWith("@") && !TYPE.matcher(l).find());
    }
}
