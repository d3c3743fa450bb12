using System.Diagnostics.CodeAnalysis;

namespace Sampan.Cli.Templates;

/// <summary>A piece of a parsed template.</summary>
internal abstract record Node(int Position);

[SuppressMessage("Design", "MA0048", Justification = "the closed family of nodes")]
internal sealed record TextNode(int Position, string Text) : Node(Position);

/// <summary>{{pipeline}}: its value is printed unless it sets a variable.</summary>
internal sealed record ActionNode(int Position, Pipeline Pipeline) : Node(Position);

/// <summary>{{if}} … {{else}} … {{end}}</summary>
internal sealed record IfNode(int Position, Pipeline Condition, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else) : Node(Position);

/// <summary>{{with}} … {{else}} … {{end}}</summary>
internal sealed record WithNode(int Position, Pipeline Value, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else) : Node(Position);

/// <summary>{{range}} … {{else}} … {{end}}</summary>
internal sealed record RangeNode(int Position, Pipeline Items, IReadOnlyList<Node> Body, IReadOnlyList<Node> Else) : Node(Position);

/// <summary>{{break}} and {{continue}}</summary>
internal sealed record JumpNode(int Position, bool IsBreak) : Node(Position);

/// <summary>Commands with | between; the value of each is the last argument of the next. May set variables.</summary>
internal sealed record Pipeline(int Position, IReadOnlyList<string> Variables, bool Declares, IReadOnlyList<CommandNode> Commands) : Node(Position);

/// <summary>A function or field with its arguments.</summary>
internal sealed record CommandNode(int Position, IReadOnlyList<Node> Words) : Node(Position);

/// <summary>A literal.</summary>
internal sealed record LiteralNode(int Position, object? Value, string Text) : Node(Position);

/// <summary>The name of a function.</summary>
internal sealed record FunctionNode(int Position, string Name) : Node(Position);

/// <summary>A value and the fields that are followed from it; a null base is the dot.</summary>
internal sealed record FieldNode(int Position, Node? Base, IReadOnlyList<string> Fields) : Node(Position);

/// <summary>$ or $name.</summary>
internal sealed record VariableNode(int Position, string Name) : Node(Position);

/// <summary>A pipeline in parentheses.</summary>
internal sealed record GroupNode(int Position, Pipeline Pipeline) : Node(Position);
