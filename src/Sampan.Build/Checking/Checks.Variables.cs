using System.Text.RegularExpressions;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Oci.Images;

namespace Sampan.Build.Checking;

/// <content>Variables: used and not declared, declared and empty.</content>
internal sealed partial class Checks
{
    private void CheckGlobals()
    {
        // With no values from outside the defaults alone must name an image.
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal);
        var parser = new InstructionParser(_text.Escape);
        foreach (var raw in _text.Instructions.TakeWhile(raw => raw.Name != "FROM"))
        {
            if (parser.Parse(raw) is not Instruction.Arg arg)
                continue;
            foreach (var (name, value) in arg.Pairs)
            {
                if (value is not null)
                    defaults[name] = Expansion.Word(value, _text.Escape, known => defaults.GetValueOrDefault(known) ?? _platforms.GetValueOrDefault(known), arg.Place);
                else
                    defaults.TryAdd(name, "");
            }
            CheckSecrets("ARG", arg.Pairs.Select(pair => pair.Key), arg.Place);
        }
        foreach (var stage in _plan.All)
        {
            var used = Used(stage.From.Image).Concat(Used(stage.From.Platform ?? "")).ToList();
            foreach (var name in used.Where(name => !defaults.ContainsKey(name) && !_platforms.ContainsKey(name)))
                Warn("UndefinedArgInFrom", stage.From.Place, $"FROM argument '{name}' is not declared{Similar(name, defaults.Keys.Concat(_platforms.Keys))}");
            if (!stage.From.Image.Contains('$'))
                continue;
            var image = Expansion.Word(stage.From.Image, _text.Escape, name => defaults.GetValueOrDefault(name) ?? _platforms.GetValueOrDefault(name), stage.From.Place);
            if (image != "scratch" && !_plan.All.Any(other => other.Name == image) && !ImageReference.TryParse(image, out _, out _))
                Warn("InvalidDefaultArgInFrom", stage.From.Place, $"Default value for ARG {stage.From.Image} results in empty or invalid base image name");
        }
    }

    private void CheckVariables(Stage stage)
    {
        if (Known(stage) is not { } known)
            return;
        foreach (var instruction in stage.Instructions)
        {
            foreach (var name in Texts(instruction).SelectMany(Used).Where(name => !known.Contains(name)).Distinct(StringComparer.Ordinal))
                Warn("UndefinedVar", instruction.Place, $"Usage of undefined variable '${name}'{Similar(name, known)}");
            switch (instruction)
            {
                case Instruction.Arg arg:
                    known.UnionWith(arg.Pairs.Select(pair => pair.Key));
                    break;
                case Instruction.Env env:
                    known.UnionWith(env.Pairs.Select(pair => pair.Key));
                    break;
            }
        }
    }

    // What a stage begins with; null: its base is not here, and may have anything.
    private HashSet<string>? Known(Stage stage)
    {
        var known = new HashSet<string>(PlatformArguments.Proxies, StringComparer.Ordinal) { "PATH" };
        if (stage.BaseStage is { } below)
        {
            if (below >= stage.Index || Known(_plan.All[below]) is not { } inherited)
                return null;
            known.UnionWith(inherited);
            known.UnionWith(_plan.All[below].Instructions.OfType<Instruction.Arg>().SelectMany(arg => arg.Pairs).Select(pair => pair.Key));
            known.UnionWith(_plan.All[below].Instructions.OfType<Instruction.Env>().SelectMany(env => env.Pairs).Select(pair => pair.Key));
            return known;
        }
        if (stage.Base == "scratch")
            return known;
        if (_variables(stage.Base) is not { } lines)
            return null;
        known.UnionWith(lines.Select(line => line.Split('=', 2)[0]));
        return known;
    }

    private static IEnumerable<string> Texts(Instruction instruction) => instruction switch
    {
        Instruction.Arg arg => arg.Pairs.Select(pair => pair.Value ?? ""),
        Instruction.Env env => env.Pairs.Select(pair => pair.Value),
        Instruction.Label label => label.Pairs.SelectMany(pair => new[] { pair.Key, pair.Value }),
        Instruction.Copy copy => copy.Sources.Append(copy.Destination).Append(copy.Chown ?? "").Append(copy.Chmod ?? ""),
        Instruction.Expose expose => expose.Ports,
        Instruction.Volume volume => volume.Paths,
        Instruction.User user => [user.Name],
        Instruction.Workdir workdir => [workdir.Path],
        Instruction.StopSignal signal => [signal.Signal],
        _ => [],
    };

    // Names that need a value: those with a default, or an alternative, do not.
    private IEnumerable<string> Used(string text)
    {
        if (!text.Contains('$'))
            yield break;
        foreach (Match match in Variable().Matches(text))
        {
            var escapes = 0;
            for (var i = match.Index - 1; i >= 0 && text[i] == _text.Escape; i--)
                escapes++;
            var isQuoted = text[..match.Index].Count(c => c == '\'') % 2 == 1 && text[..match.Index].Count(c => c == '"') % 2 == 0;
            if (escapes % 2 == 0 && !isQuoted)
                yield return match.Groups["name"].Value;
        }
    }

    private static string Similar(string name, IEnumerable<string> known)
    {
        var closest = known.Select(other => (Name: other, Distance: InstructionParser.Distance(name.ToUpperInvariant(), other.ToUpperInvariant()))).DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return closest.Item2 <= 2 && closest.Item2 < name.Length ? $" (did you mean {closest.Item1}?)" : "";
    }

    [GeneratedRegex(@"\$(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?=[}#%/]))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
