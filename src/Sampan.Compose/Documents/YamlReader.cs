using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using E = YamlDotNet.Core.Events;

namespace Sampan.Compose.Documents;

/// <summary>
/// YAML as a tree with places: anchors and merge keys resolved, every limit explicit. Pure; what is wrong is a
/// <see cref="Problem"/>, and the walk goes on where it can.
/// </summary>
internal sealed class YamlReader
{
    /// <summary>How long a file may be, in characters.</summary>
    public const int MaxLength = 16 << 20;

    private const int MaxDepth = 100;

    // A few lines of aliases of aliases make billions of nodes for whoever walks them.
    private const long MaxNodes = 2_000_000;

    private readonly string _file;
    private readonly Problems _problems;
    private readonly Parser _parser;
    private readonly Dictionary<string, (Node Node, long Size)> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private YamlReader(string file, string text, Problems problems)
    {
        (_file, _problems) = (file, problems);
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The documents of a file; those that can't be read are left out and reported.</summary>
    public static IReadOnlyList<Node> Read(string file, string text, Problems problems)
    {
        var documents = new List<Node>();
        if (text.Length > MaxLength)
        {
            problems.Add(new Position(file, 1, 1), DocumentPath.Root, $"the file is longer than {MaxLength} characters");
            return documents;
        }
        try
        {
            new YamlReader(file, text, problems).ReadAll(documents);
        }
        catch (YamlException e)
        {
            problems.Add(At(file, e.Start), DocumentPath.Root, "this is no YAML: " + Cause(e));
        }
        catch (InvalidOperationException)
        {
            // The scanner gives up in this way on some broken flow collections.
            problems.Add(new Position(file, 1, 1), DocumentPath.Root, "this is no YAML: a list or mapping in brackets is not closed");
        }
        catch (TooMuchException e)
        {
            problems.Add(e.At, DocumentPath.Root, e.Message);
        }
        return documents;
    }

    private void ReadAll(List<Node> documents)
    {
        _parser.Consume<StreamStart>();
        while (_parser.Accept<DocumentStart>(out _))
        {
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            documents.Add(ReadNode(DocumentPath.Root, 0).Node);
            _parser.Consume<DocumentEnd>();
        }
    }

    private (Node Node, long Size) ReadNode(DocumentPath path, int depth)
    {
        var current = _parser.Current ?? throw new YamlException("the document ends too early");
        if (depth > MaxDepth) throw new TooMuchException(At(current.Start), $"it is nested more than {MaxDepth} levels deep");
        if (current is AnchorAlias alias)
        {
            _parser.MoveNext();
            return Resolve(alias, path);
        }
        if (current is not NodeEvent @event) throw new YamlException(current.Start, current.End, $"unexpected {current.GetType().Name}");
        string? anchor = @event.Anchor.IsEmpty ? null : @event.Anchor.Value;
        if (anchor is not null) _open.Add(anchor);
        var (node, size) = @event switch
        {
            E.Scalar scalar => (ReadScalar(scalar, path), 1L),
            SequenceStart start => ReadSequence(start, path, depth),
            MappingStart start => ReadMapping(start, path, depth),
            _ => throw new YamlException(current.Start, current.End, $"unexpected {current.GetType().Name}"),
        };
        node = node with { Tag = Tag(@event) };
        if (size > MaxNodes) throw new TooMuchException(At(@event.Start), $"its aliases make more than {MaxNodes} nodes of it");
        if (anchor is null) return (node, size);
        _open.Remove(anchor);
        // What is taken elsewhere is the content; the tag stays behind.
        _anchors[anchor] = (node with { Tag = NodeTag.None }, size);
        return (node, size);
    }

    private (Node Node, long Size) Resolve(AnchorAlias alias, DocumentPath path)
    {
        string name = alias.Value.Value;
        if (_anchors.TryGetValue(name, out var found)) return found;
        _problems.Add(At(alias.Start), path, _open.Contains(name) ? $"the alias '*{name}' is inside of what it stands for" : $"the alias '*{name}' has no anchor '&{name}' before it");
        return (Scalar.Nothing(At(alias.Start)), 1);
    }

    private Scalar ReadScalar(E.Scalar scalar, DocumentPath path)
    {
        _parser.MoveNext();
        var at = At(scalar.Start);
        string tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        switch (tag)
        {
            case "tag:yaml.org,2002:str" or "!": return new Scalar(at, scalar.Value);
            case "tag:yaml.org,2002:null": return Scalar.Nothing(at);
            case "" or "!reset" or "!override" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool": break;
            default:
                _problems.Add(at, path, $"unknown tag '{tag}': expected !reset, !override or none");
                break;
        }
        return scalar.Style == ScalarStyle.Plain ? Plain(at, scalar.Value) : new Scalar(at, scalar.Value);
    }

    /// <summary>What characters without quotes are, by YAML's core schema.</summary>
    internal static Scalar Plain(Position at, string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => Scalar.Nothing(at),
        "true" or "True" or "TRUE" => new Scalar(at, "true", ScalarKind.Boolean),
        "false" or "False" or "FALSE" => new Scalar(at, "false", ScalarKind.Boolean),
        _ => new Scalar(at, text, IsNumber(text) ? ScalarKind.Number : ScalarKind.Text),
    };

    private static bool IsNumber(string text)
    {
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')) return false;
        if (text.StartsWith("0x", StringComparison.Ordinal)) return text.Length > 2 && text.AsSpan(2).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0;
        if (text.StartsWith("0o", StringComparison.Ordinal)) return text.Length > 2 && text.AsSpan(2).IndexOfAnyExcept("01234567") < 0;
        return text.AsSpan().IndexOfAnyExcept("0123456789+-.eE") < 0 && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private (Node Node, long Size) ReadSequence(SequenceStart start, DocumentPath path, int depth)
    {
        CheckTag(start, path, "tag:yaml.org,2002:seq");
        _parser.MoveNext();
        var items = new List<Node>();
        long size = 1;
        while (_parser.Current is not SequenceEnd)
        {
            var (item, itemSize) = ReadNode(path[items.Count], depth + 1);
            items.Add(item);
            size += itemSize;
        }
        _parser.MoveNext();
        return (new Sequence(At(start.Start), items), size);
    }

    private (Node Node, long Size) ReadMapping(MappingStart start, DocumentPath path, int depth)
    {
        CheckTag(start, path, "tag:yaml.org,2002:map");
        _parser.MoveNext();
        var members = new List<Member>();
        var seen = new Dictionary<string, Position>(StringComparer.Ordinal);
        var merged = new List<Mapping>();
        long size = 1;
        while (_parser.Current is not MappingEnd)
        {
            var keyAt = At(_parser.Current?.Start ?? Mark.Empty);
            bool plain = _parser.Current is E.Scalar { Style: ScalarStyle.Plain };
            var (key, _) = ReadNode(path, depth + 1);
            string name = key is Scalar scalar ? scalar.Kind == ScalarKind.Null ? "null" : scalar.Text : "";
            if (key is not Scalar) _problems.Add(keyAt, path, $"a key must be a word, not {key.Describe()}");
            var (value, valueSize) = ReadNode(path[name], depth + 1);
            size += valueSize + 1;
            if (plain && name == "<<") AddMerged(value, path, merged);
            else if (seen.TryGetValue(name, out var first)) _problems.Add(keyAt, path[name], $"the key '{name}' is there twice: first in line {first.Line}");
            else
            {
                seen[name] = keyAt;
                members.Add(new Member(name, keyAt, value));
            }
        }
        _parser.MoveNext();
        // https://yaml.org/type/merge.html: own keys before merged ones, an earlier mapping before a later one.
        foreach (var member in merged.SelectMany(m => m.Members))
            if (seen.TryAdd(member.Key, member.At)) members.Add(member);
        return (new Mapping(At(start.Start), members), size);
    }

    private void AddMerged(Node value, DocumentPath path, List<Mapping> merged)
    {
        foreach (var node in value is Sequence several ? several.Items : [value])
        {
            if (node is Mapping mapping) merged.Add(mapping);
            else if (!node.IsNull) _problems.Add(node.At, path["<<"], $"expected a mapping to merge, not {node.Describe()}");
        }
    }

    private void CheckTag(NodeEvent start, DocumentPath path, string own)
    {
        if (start.Tag.IsEmpty || start.Tag.Value is "!reset" or "!override" || start.Tag.Value == own) return;
        _problems.Add(At(start.Start), path, $"unknown tag '{start.Tag.Value}': expected !reset, !override or none");
    }

    private static NodeTag Tag(NodeEvent node) => node.Tag.IsEmpty ? NodeTag.None : node.Tag.Value switch
    {
        "!reset" => NodeTag.Reset,
        "!override" => NodeTag.Override,
        _ => NodeTag.None,
    };

    private static string Cause(YamlException e)
    {
        string text = e.Message;
        // The parser's message begins with the place, which is told already.
        int end = text.StartsWith('(') ? text.IndexOf("): ", StringComparison.Ordinal) : -1;
        return (end >= 0 ? text[(end + 3)..] : text).TrimEnd('.');
    }

    private Position At(Mark mark) => At(_file, mark);

    private static Position At(string file, Mark mark) => new(file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private sealed class TooMuchException(Position at, string message) : Exception(message)
    {
        public Position At => at;
    }
}
