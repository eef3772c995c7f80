package dev.gatun.tests.project;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/// Finds public and protected declarations without a doc comment. Overriding methods, record components and their
/// accessors, compact constructors and enum constants whose enum explains itself need none.
final class MissingComments extends TreePathScanner<Void, Void> {
    private final DocTrees trees;
    private final List<String> found = new ArrayList<>();

    private MissingComments(DocTrees trees) {
        this.trees = trees;
    }

    /// The places, as `File.java:line name`, in the order of the files.
    static List<String> in(List<Path> files) throws IOException {
        if (files.isEmpty()) return List.of();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null,
                    manager.getJavaFileObjectsFromPaths(files));
            var scan = new MissingComments(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) scan.scan(unit, null);
            return scan.found;
        }
    }

    @Override
    public Void visitClass(ClassTree tree, Void unused) {
        if (!visible(tree.getModifiers())) return null;
        require(tree.getSimpleName().toString());
        return super.visitClass(tree, unused);
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
        boolean generated = tree.getName().contentEquals("<init>") && (enclosing().getKind() == Tree.Kind.RECORD
                || trees.getSourcePositions().getStartPosition(getCurrentPath().getCompilationUnit(), tree) < 0);
        boolean accessor = tree.getParameters().isEmpty() && components().contains(tree.getName().toString());
        if (visible(tree.getModifiers()) && !overrides(tree) && !generated && !accessor) require(tree.getName() + "()");
        return null; // nothing inside a body is exported
    }

    @Override
    public Void visitVariable(VariableTree tree, Void unused) {
        boolean component = components().contains(tree.getName().toString());
        boolean constant = enclosing().getKind() == Tree.Kind.ENUM && tree.getInitializer() != null
                && tree.getType().toString().contentEquals(enclosing().getSimpleName());
        if (visible(tree.getModifiers()) && !component && !constant) require(tree.getName().toString());
        return null;
    }

    private ClassTree enclosing() {
        return (ClassTree) getCurrentPath().getParentPath().getLeaf();
    }

    private Set<String> components() {
        Set<String> names = new HashSet<>();
        if (enclosing().getKind() == Tree.Kind.RECORD) {
            for (Tree member : enclosing().getMembers()) {
                if (member instanceof VariableTree v && !v.getModifiers().getFlags().contains(Modifier.STATIC)) {
                    names.add(v.getName().toString());
                }
            }
        }
        return names;
    }

    private boolean visible(ModifiersTree modifiers) {
        Set<Modifier> flags = modifiers.getFlags();
        if (flags.contains(Modifier.PRIVATE)) return false;
        Tree parent = getCurrentPath().getParentPath().getLeaf();
        boolean inInterface = parent instanceof ClassTree c
                && (c.getKind() == Tree.Kind.INTERFACE || c.getKind() == Tree.Kind.ANNOTATION_TYPE);
        return inInterface || flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
    }

    private static boolean overrides(MethodTree tree) {
        return tree.getModifiers().getAnnotations().stream()
                .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
    }

    private void require(String name) {
        TreePath path = getCurrentPath();
        if (trees.getDocComment(path) != null) return;
        CompilationUnitTree unit = path.getCompilationUnit();
        long line = unit.getLineMap().getLineNumber(trees.getSourcePositions().getStartPosition(unit, path.getLeaf()));
        found.add(Path.of(unit.getSourceFile().getName()).getFileName() + ":" + line + " " + name);
    }
}
