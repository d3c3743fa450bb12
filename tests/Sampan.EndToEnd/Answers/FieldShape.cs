using System.Text.Json;

namespace Sampan.EndToEnd.Answers;

/// <summary>
/// The members that an answer has, as the table names them: <c>Id Args[] State{Status Pid} Networks{*{Aliases[]}} Mounts[]=$Mount</c>. <c>*</c> is any name, <c>$Mount</c> a line of the table.
/// </summary>
internal sealed class FieldShape
{
    private readonly Dictionary<string, FieldShape> _members = new(StringComparer.Ordinal);

    /// <summary>Every path below, such as <c>State/Status</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
        => _members.SelectMany(member => member.Key == "*" ? member.Value.Paths(prefix + "*/") : member.Value.Paths($"{prefix}{member.Key}/").Prepend(prefix + member.Key));

    /// <summary>Notes the paths that an answer has, and those that the shape does not know.</summary>
    public void Compare(JsonElement value, string prefix, ISet<string> found, ISet<string> unknown)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Compare(item, prefix, found, unknown);
            }
        }

        // What has no members in the table is somebody's own: labels, options.
        if (value.ValueKind != JsonValueKind.Object || _members.Count == 0)
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (_members.TryGetValue("*", out var any))
            {
                any.Compare(member.Value, prefix + "*/", found, unknown);
            }
            else if (_members.TryGetValue(member.Name, out var known))
            {
                found.Add(prefix + member.Name);
                known.Compare(member.Value, $"{prefix}{member.Name}/", found, unknown);
            }
            else
            {
                unknown.Add(prefix + member.Name);
            }
        }
    }

    /// <summary>The table: endpoints with their shapes.</summary>
    public static IReadOnlyDictionary<string, FieldShape> Read(string table)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        var shapes = new Dictionary<string, FieldShape>(StringComparer.Ordinal);
        foreach (var line in table.Split('\n').Where(line => line.Length > 0))
        {
            var words = line.Split(' ', line.StartsWith('$') ? 2 : 3);
            if (line.StartsWith('$'))
            {
                parts[words[0]] = "{" + words[1] + "}";
            }
            else
            {
                var at = 0;
                shapes[$"{words[0]} {words[1]}"] = Value(words[2], ref at, parts);
            }
        }

        return shapes;
    }

    // What follows a name: [] any number of times, then {members} or =$part or nothing.
    private static FieldShape Value(string text, ref int at, Dictionary<string, string> parts)
    {
        while (text.AsSpan(at).StartsWith("[]"))
        {
            at += 2;
        }

        if (at < text.Length && text[at] == '=')
        {
            var name = Name(text, ref at, start: at + 1);
            var inner = 0;
            return Value(parts[name], ref inner, parts);
        }

        var shape = new FieldShape();
        if (at == text.Length || text[at] != '{')
        {
            return shape;
        }

        at++;
        while (text[at] != '}')
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            var name = Name(text, ref at, at);
            shape._members[name] = Value(text, ref at, parts);
        }

        at++;
        return shape;
    }

    private static string Name(string text, ref int at, int start)
    {
        at = start;
        while (at < text.Length && text[at] is not (' ' or '{' or '}' or '[' or '='))
        {
            at++;
        }

        return text[start..at];
    }
}
