using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sampan.Build.Parsing;

/// <summary>From an instruction's text to its meaning. Total: every text is an instruction or an error with a place.</summary>
internal sealed partial class InstructionParser(char escape)
{
    private static readonly string[] s_names =
    [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ];

    /// <summary>Understands one instruction.</summary>
    /// <exception cref="DockerfileException">It has not the form it should.</exception>
    internal Instruction Parse(RawInstruction raw) => raw.Name switch
    {
        "FROM" => From(raw),
        "ARG" => Arg(raw),
        "ENV" => new Instruction.Env(Pairs(raw, NoFlags(raw))) { Place = raw.Place, Text = TextOf(raw) },
        "LABEL" => new Instruction.Label(Pairs(raw, NoFlags(raw))) { Place = raw.Place, Text = TextOf(raw) },
        "RUN" => Run(raw),
        "CMD" => new Instruction.Cmd(Command(raw, NoFlags(raw), mayBeEmpty: true)) { Place = raw.Place, Text = TextOf(raw) },
        "ENTRYPOINT" => new Instruction.Entrypoint(Command(raw, NoFlags(raw), mayBeEmpty: true)) { Place = raw.Place, Text = TextOf(raw) },
        "COPY" or "ADD" => Copy(raw),
        "EXPOSE" => new Instruction.Expose(AtLeastOne(raw, Words.Split(NoFlags(raw), escape))) { Place = raw.Place, Text = TextOf(raw) },
        "VOLUME" => Volume(raw),
        "USER" => new Instruction.User(One(raw)) { Place = raw.Place, Text = TextOf(raw) },
        "WORKDIR" => new Instruction.Workdir(One(raw)) { Place = raw.Place, Text = TextOf(raw) },
        "STOPSIGNAL" => new Instruction.StopSignal(One(raw)) { Place = raw.Place, Text = TextOf(raw) },
        "MAINTAINER" => new Instruction.Maintainer(One(raw)) { Place = raw.Place, Text = TextOf(raw) },
        "ONBUILD" => OnBuild(raw),
        "SHELL" => Shell(raw),
        "HEALTHCHECK" => new Instruction.Healthcheck(Required(raw, raw.Rest)) { Place = raw.Place, Text = TextOf(raw) },
        _ => throw new DockerfileException($"unknown instruction: {raw.Verb}{Suggestion(raw.Name)}", raw.Place),
    };

    private Instruction.From From(RawInstruction raw)
    {
        var flags = InstructionFlags.Take(raw, escape, "platform");
        var words = Words.Split(flags.Rest, escape);
        if (words.Count is not (1 or 3))
            throw new DockerfileException("FROM requires either one or three arguments", raw.Place);
        if (words.Count == 3 && !words[1].Equals("AS", StringComparison.OrdinalIgnoreCase))
            throw new DockerfileException($"second argument to FROM should be AS, got \"{words[1]}\"", raw.Place) { Word = words[1] };
        var name = words.Count == 3 ? words[2].ToLowerInvariant() : null;
        if (name is not null && !StageName().IsMatch(name))
            throw new DockerfileException($"invalid name for build stage: \"{words[2]}\", name can't start with a number or contain symbols", raw.Place) { Word = words[2] };
        return new Instruction.From(words[0], name, flags.Text("platform")) { Place = raw.Place, Text = TextOf(raw) };
    }

    private Instruction.Arg Arg(RawInstruction raw)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        foreach (var word in AtLeastOne(raw, Words.Split(NoFlags(raw), escape)))
        {
            var equals = word.IndexOf('=');
            var name = Words.Unquote(equals < 0 ? word : word[..equals], escape);
            if (name.Length == 0)
                throw new DockerfileException("ARG names can not be blank", raw.Place);
            pairs.Add(new(name, equals < 0 ? null : word[(equals + 1)..]));
        }
        return new Instruction.Arg(pairs) { Place = raw.Place, Text = TextOf(raw) };
    }

    private Instruction.Run Run(RawInstruction raw)
    {
        var flags = InstructionFlags.Take(raw, escape, "device*", "mount*", "network", "security");
        var command = Command(raw, flags.Rest, mayBeEmpty: false);
        return new Instruction.Run(command, flags.All("mount"), flags.Text("network"), flags.Text("security"), raw.Heredocs) { Place = raw.Place, Text = TextOf(raw), Devices = flags.All("device") };
    }

    private Instruction.Copy Copy(RawInstruction raw)
    {
        var isAdd = raw.Name == "ADD";
        var flags = isAdd
            ? InstructionFlags.Take(raw, escape, "chown", "chmod", "link", "exclude*", "checksum", "keep-git-dir", "unpack")
            : InstructionFlags.Take(raw, escape, "from", "chown", "chmod", "link", "parents", "exclude*");
        var words = JsonWords(raw, flags.Rest) ?? Words.Split(flags.Rest, escape);
        if (words.Count == 0)
            throw new DockerfileException($"{raw.Name} requires at least two arguments", raw.Place);
        if (words.Count == 1)
            throw new DockerfileException($"{raw.Name} requires at least two arguments, but only one was provided. Destination could not be determined.", raw.Place);
        if (raw.Heredocs.Any(heredoc => heredoc.Word == words[^1]))
            throw new DockerfileException($"{raw.Name} cannot accept a heredoc as a destination", raw.Place);
        return new Instruction.Copy
        {
            Place = raw.Place,
            Text = TextOf(raw),
            IsAdd = isAdd,
            Sources = [.. words.SkipLast(1).Where(word => !raw.Heredocs.Any(heredoc => heredoc.Word == word))],
            Documents = raw.Heredocs,
            Destination = words[^1],
            Origin = isAdd ? null : flags.Text("from"),
            Chown = flags.Text("chown"),
            Chmod = flags.Text("chmod"),
            Link = flags.Switch("link") ?? false,
            Parents = !isAdd && (flags.Switch("parents") ?? false),
            Excludes = flags.All("exclude"),
            Checksum = isAdd ? flags.Text("checksum") : null,
            KeepGitDir = isAdd && (flags.Switch("keep-git-dir") ?? false),
            Unpack = isAdd ? flags.Switch("unpack") : null,
        };
    }

    private Instruction.Volume Volume(RawInstruction raw)
    {
        var text = NoFlags(raw);
        var paths = AtLeastOne(raw, JsonWords(raw, text) ?? Words.Split(text, escape));
        return paths.Any(path => path.Trim().Length == 0)
            ? throw new DockerfileException("VOLUME specified can not be an empty string", raw.Place)
            : new Instruction.Volume(paths) { Place = raw.Place, Text = TextOf(raw) };
    }

    private Instruction.OnBuild OnBuild(RawInstruction raw)
    {
        var inner = Inner(raw, Required(raw, NoFlags(raw)));
        switch (inner.Name)
        {
            case "ONBUILD":
                throw new DockerfileException("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", raw.Place);
            case "MAINTAINER" or "FROM":
                throw new DockerfileException($"{inner.Name} isn't allowed as an ONBUILD trigger", raw.Place);
        }
        // Only to see that it is well formed: a wrong one shall not be found out by somebody else's build.
        _ = Parse(inner);
        var documents = string.Concat(raw.Heredocs.Select(heredoc => $"\n{heredoc.Content}{heredoc.Name}"));
        return new Instruction.OnBuild(raw.Rest + documents) { Place = raw.Place, Text = TextOf(raw) };
    }

    private static RawInstruction Inner(RawInstruction raw, string text)
    {
        var end = text.AsSpan().IndexOfAny(' ', '\t');
        return raw with { Verb = end < 0 ? text : text[..end], Rest = end < 0 ? "" : text[end..].Trim() };
    }

    private Instruction.Shell Shell(RawInstruction raw)
    {
        var words = JsonWords(raw, NoFlags(raw)) ?? throw new DockerfileException("SHELL requires the arguments to be in JSON form", raw.Place);
        return words.Count == 0
            ? throw new DockerfileException("SHELL requires at least one argument", raw.Place)
            : new Instruction.Shell(words) { Place = raw.Place, Text = TextOf(raw) };
    }

    private static CommandWords Command(RawInstruction raw, string text, bool mayBeEmpty)
    {
        if (text.Length == 0 && !mayBeEmpty)
            throw new DockerfileException($"{raw.Name} requires at least one argument", raw.Place);
        return JsonWords(raw, text) is { } words && (words.Count > 0 || mayBeEmpty) ? new CommandWords(words, IsShell: false)
            : new CommandWords(text.Length == 0 ? [] : [text], IsShell: text.Length > 0);
    }

    private IReadOnlyList<KeyValuePair<string, string>> Pairs(RawInstruction raw, string text)
    {
        var words = AtLeastOne(raw, Words.Split(text, escape));
        if (!words[0].Contains('='))
        {
            var space = text.AsSpan().IndexOfAny(' ', '\t');
            return space < 0
                ? throw new DockerfileException($"{raw.Name} must have two arguments", raw.Place)
                : [new(words[0], text[space..].Trim())];
        }
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            if (equals < 0)
                throw new DockerfileException($"Syntax error - can't find = in \"{word}\". Must be of the form: name=value", raw.Place) { Word = word };
            if (equals == 0)
                throw new DockerfileException($"{raw.Name} names can not be blank", raw.Place);
            pairs.Add(new(word[..equals], word[(equals + 1)..]));
        }
        return pairs;
    }

    private string NoFlags(RawInstruction raw) => InstructionFlags.Take(raw, escape).Rest;

    private string One(RawInstruction raw)
    {
        var text = Required(raw, NoFlags(raw));
        // A path and a name may have blanks, as Docker reads them.
        return raw.Name is "USER" or "STOPSIGNAL" && Words.Split(text, escape).Count > 1
            ? throw new DockerfileException($"{raw.Name} requires exactly one argument", raw.Place)
            : text;
    }

    private static string Required(RawInstruction raw, string text) => text.Length > 0 ? text
        : throw new DockerfileException($"{raw.Name} requires {(raw.Name is "USER" or "WORKDIR" or "STOPSIGNAL" or "MAINTAINER" ? "exactly" : "at least")} one argument", raw.Place);

    private static List<string> AtLeastOne(RawInstruction raw, List<string> words) => words.Count > 0 ? words
        : throw new DockerfileException($"{raw.Name} requires at least one argument", raw.Place);

    // Null: no JSON, so it is meant for the shell. Docker refuses a JSON list of anything but strings.
    private static List<string>? JsonWords(RawInstruction raw, string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String)
                ? [.. document.RootElement.EnumerateArray().Select(word => word.GetString() ?? "")]
                : throw new DockerfileException("when using JSON array syntax, arrays must be comprised of strings only", raw.Place);
        }
        catch (Exception none) when (none is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string TextOf(RawInstruction raw) => raw.Rest.Length == 0 ? raw.Name : $"{raw.Name} {raw.Rest}";

    private static string Suggestion(string verb)
    {
        var (name, distance) = s_names.Select(name => (name, Distance(verb, name))).MinBy(pair => pair.Item2);
        return distance <= 2 && distance < verb.Length ? $" (did you mean {name}?)" : "";
    }

    // Levenshtein's, in one row; a verb as long as a line must not take long.
    internal static int Distance(string a, string b)
    {
        if (a.Length > 20)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }

    [GeneratedRegex("^[a-z][a-z0-9-_.]*$", RegexOptions.None, 1000)]
    private static partial Regex StageName();
}
