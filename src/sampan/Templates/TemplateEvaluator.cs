using System.Text;

namespace Sampan.Cli.Templates;

/// <summary>Fills a template: walks its nodes with a dot and a stack of variables.</summary>
internal sealed class TemplateEvaluator(string text, object? data)
{
    private readonly StringBuilder _output = new();
    private readonly List<(string Name, object? Value)> _variables = [("$", data)];
    private Jump _jump;

    private enum Jump
    {
        None,
        Break,
        Continue,
    }

    public string Run(IReadOnlyList<Node> nodes)
    {
        Walk(nodes, data);
        return _output.ToString();
    }

    private void Walk(IReadOnlyList<Node> nodes, object? dot)
    {
        int scope = _variables.Count;
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode t:
                    _output.Append(t.Text);
                    break;
                case ActionNode a:
                    object? value = Evaluate(a.Pipeline, dot);
                    if (a.Pipeline.Variables.Count == 0) _output.Append(TemplateValue.Print(value));
                    break;
                case IfNode i:
                    InScope(() => Walk(TemplateValue.IsTrue(Evaluate(i.Condition, dot)) ? i.Then : i.Else, dot));
                    break;
                case WithNode w:
                    InScope(() =>
                    {
                        object? inner = Evaluate(w.Value, dot);
                        if (TemplateValue.IsTrue(inner)) Walk(w.Then, inner);
                        else Walk(w.Else, dot);
                    });
                    break;
                case RangeNode r:
                    InScope(() => WalkRange(r, dot));
                    break;
                case JumpNode j:
                    _jump = j.IsBreak ? Jump.Break : Jump.Continue;
                    break;
            }
            if (_jump != Jump.None) break;
        }
        _variables.RemoveRange(scope, _variables.Count - scope);
    }

    private void InScope(Action walk)
    {
        int scope = _variables.Count;
        walk();
        _variables.RemoveRange(scope, _variables.Count - scope);
    }

    private void WalkRange(RangeNode range, object? dot)
    {
        object? items = EvaluateCommands(range.Items, dot);
        bool any = false;
        foreach (var (key, item) in TemplateValue.Enumerate(items) ?? throw Error(range.Items, $"range can't iterate over {TemplateValue.Print(items)}"))
        {
            any = true;
            int scope = _variables.Count;
            // {{range $item := …}} or {{range $key, $item := …}}
            var names = range.Items.Variables;
            if (names.Count == 1) Set(names[0], item, range.Items.Declares);
            if (names.Count == 2)
            {
                Set(names[0], key, range.Items.Declares);
                Set(names[1], item, range.Items.Declares);
            }
            Walk(range.Body, item);
            _variables.RemoveRange(scope, _variables.Count - scope);
            bool stop = _jump == Jump.Break;
            _jump = Jump.None;
            if (stop) break;
        }
        if (!any) Walk(range.Else, dot);
    }

    private object? Evaluate(Pipeline pipeline, object? dot)
    {
        object? value = EvaluateCommands(pipeline, dot);
        foreach (string name in pipeline.Variables) Set(name, value, pipeline.Declares);
        return value;
    }

    private object? EvaluateCommands(Pipeline pipeline, object? dot)
    {
        object? value = null;
        bool first = true;
        foreach (var command in pipeline.Commands)
        {
            value = EvaluateCommand(command, dot, first ? [] : [value]);
            first = false;
        }
        return value;
    }

    private object? EvaluateCommand(CommandNode command, object? dot, IReadOnlyList<object?> piped)
    {
        var head = command.Words[0];
        var rest = command.Words.Skip(1);
        if (head is FunctionNode function)
        {
            // 'and' and 'or' stop at the first value that decides.
            if (function.Name is "and" or "or") return EvaluateShort(function.Name == "and", rest, dot, piped);
            return Call(function, [.. rest.Select(w => EvaluateWord(w, dot)), .. piped]);
        }
        if (head is FieldNode { Fields.Count: > 0 } field && (command.Words.Count > 1 || piped.Count > 0))
            return Follow(field, dot, [.. rest.Select(w => EvaluateWord(w, dot)), .. piped]);
        if (command.Words.Count > 1 || piped.Count > 0) throw Error(head, $"can't give argument to non-function {Source(head)}");
        return EvaluateWord(head, dot);
    }

    private object? EvaluateShort(bool and, IEnumerable<Node> words, object? dot, IReadOnlyList<object?> piped)
    {
        object? value = null;
        foreach (var word in words)
        {
            value = EvaluateWord(word, dot);
            if (TemplateValue.IsTrue(value) != and) return value;
        }
        return piped.Count > 0 ? piped[0] : value;
    }

    private object? EvaluateWord(Node word, object? dot) => word switch
    {
        LiteralNode l => l.Value,
        VariableNode v => _variables[_variables.FindLastIndex(x => x.Name == v.Name)].Value,
        GroupNode g => EvaluateCommands(g.Pipeline, dot),
        FieldNode f => Follow(f, dot, []),
        FunctionNode f => Call(f, []),
        _ => throw Error(word, "unexpected node"),
    };

    private object? Call(FunctionNode function, IReadOnlyList<object?> arguments)
    {
        try
        {
            return TemplateFunctions.Call(function.Name, arguments);
        }
        catch (TemplateException e)
        {
            throw Error(function, $"error calling {function.Name}: {e.Message}");
        }
    }

    private object? Follow(FieldNode field, object? dot, IReadOnlyList<object?> arguments)
    {
        object? value = field.Base is null ? dot : EvaluateWord(field.Base, dot);
        for (int i = 0; i < field.Fields.Count; i++)
        {
            bool last = i == field.Fields.Count - 1;
            value = TemplateValue.Field(value, field.Fields[i], last ? arguments : [], out string? problem);
            if (problem is not null) throw Error(field, problem);
        }
        return value;
    }

    private void Set(string name, object? value, bool declare)
    {
        int at = declare ? -1 : _variables.FindLastIndex(x => x.Name == name);
        if (at < 0) _variables.Add((name, value));
        else _variables[at] = (name, value);
    }

    private string Source(Node node) => node switch
    {
        FieldNode f => (f.Base is null ? "" : Source(f.Base)) + (f.Fields.Count == 0 ? "." : string.Concat(f.Fields.Select(x => "." + x))),
        FunctionNode f => f.Name,
        LiteralNode l => l.Text,
        VariableNode v => v.Name,
        GroupNode g => "(" + Source(g.Pipeline) + ")",
        Pipeline p => string.Join(" | ", p.Commands.Select(Source)),
        CommandNode c => string.Join(' ', c.Words.Select(Source)),
        _ => "",
    };

    private TemplateException Error(Node node, string message)
    {
        int line = 1 + text.AsSpan(0, node.Position).Count('\n');
        int column = node.Position - (line == 1 ? 0 : text.LastIndexOf('\n', node.Position - 1));
        string source = Source(node);
        // Go cuts the quoted piece like this.
        if (source.Length > 20) source = source[..20] + "...";
        return new TemplateException($"template: :{line}:{column}: executing \"\" at <{source}>: {message}");
    }
}
