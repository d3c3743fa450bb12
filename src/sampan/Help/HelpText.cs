using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;

namespace Sampan.Cli.Help;

/// <summary>The help of a command, made from its tables.</summary>
internal static class HelpText
{
    private const int Width = 80;

    public static void Write(TextWriter output, CommandPath path)
    {
        var command = path.Command;
        output.WriteLine($"Usage:  {(path.IsRoot ? $"{path} [OPTIONS] COMMAND" : path.Usage)}");
        output.WriteLine();
        output.WriteLine(command.Summary);
        if (command.Details.Length > 0)
        {
            output.WriteLine();
            output.WriteLine(command.Details);
        }
        if (command.Aliases.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Aliases:");
            output.WriteLine("  " + string.Join(", ", command.Aliases.Select(a => $"{CommandPath.Program} {a}")));
        }
        WriteCommands(output, path);
        WriteOptions(output, path.IsRoot ? "Global Options:" : "Options:", command.Options);
        if (command.Subcommands.Count > 0)
        {
            output.WriteLine();
            output.WriteLine($"Run '{path} COMMAND --help' for more information on a command.");
        }
    }

    private static void WriteCommands(TextWriter output, CommandPath path)
    {
        var shown = path.Command.Subcommands.Where(c => !c.Hidden).OrderBy(c => c.Name, StringComparer.Ordinal).ToList();
        if (shown.Count == 0) return;
        int width = shown.Max(c => c.Name.Length);
        var groups = path.IsRoot
            ? shown.GroupBy(c => c.IsGroup ? "Management Commands:" : Verbs.IsCommon(c.Name) ? "Common Commands:" : "Commands:").OrderBy(g => g.Key switch { "Common Commands:" => 0, "Management Commands:" => 1, _ => 2 })
            : shown.GroupBy(_ => "Commands:");
        foreach (var group in groups)
        {
            output.WriteLine();
            output.WriteLine(group.Key);
            foreach (var c in group) output.WriteLine($"  {c.Name.PadRight(width)}  {c.Summary}");
        }
    }

    private static void WriteOptions(TextWriter output, string title, IReadOnlyList<Option> options)
    {
        var shown = options.Where(o => !o.Hidden).ToList();
        if (shown.Count == 0) return;
        output.WriteLine();
        output.WriteLine(title);
        var names = shown.Select(o => $"  {(o.Letter is { } l ? $"-{l}, " : "    ")}--{o.Name}{(o.IsFlag ? "" : " " + o.ValueName)}").ToList();
        int column = names.Max(n => n.Length) + 3;
        for (int i = 0; i < shown.Count; i++)
        {
            string help = shown[i].Help + (shown[i].DefaultText.Length > 0 ? $" (default {shown[i].DefaultText})" : "");
            bool first = true;
            foreach (string line in help.Split('\n').SelectMany(l => Wrap(l, Math.Max(Width - column, 30))))
            {
                output.WriteLine((first ? names[i].PadRight(column) : new string(' ', column)) + line);
                first = false;
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        while (text.Length > width)
        {
            int cut = text.LastIndexOf(' ', width);
            if (cut <= 0) break;
            yield return text[..cut];
            text = text[(cut + 1)..];
        }
        yield return text;
    }
}
