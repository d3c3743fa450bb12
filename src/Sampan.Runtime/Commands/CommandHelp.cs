using System.Text;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Commands;

/// <summary>What <c>--help</c> prints, in runc's layout.</summary>
internal static class CommandHelp
{
    private static readonly CommandOption s_help = CommandOption.Switch("help", "show help", "h");

    /// <summary>The help of one command.</summary>
    internal static string For(Command command)
    {
        var text = new StringBuilder();
        text.Append("NAME:\n   sampan-runtime ").Append(command.Name).Append(" - ").Append(command.Summary).Append("\n\nUSAGE:\n   sampan-runtime ").Append(command.Name);
        text.Append(command.Options.Count > 0 ? " [command options]" : "");
        text.Append(command.Arguments.Length > 0 ? " " + command.Arguments : "").Append('\n');
        if (command.Details is { } details)
        {
            text.Append("\nDESCRIPTION:\n");
            foreach (var line in details.Split('\n'))
                text.Append(line.Length > 0 ? "   " : "").Append(line).Append('\n');
        }
        text.Append("\nOPTIONS:\n");
        AppendOptions(text, [.. command.Options, s_help]);
        return text.ToString();
    }

    /// <summary>The help of the program.</summary>
    internal static string ForAll(IEnumerable<Command> commands, IReadOnlyList<CommandOption> options)
    {
        var text = new StringBuilder("NAME:\n   sampan-runtime - runs containers by the OCI runtime specification\n\nUSAGE:\n   sampan-runtime [global options] command [command options] [arguments...]\n\nCOMMANDS:\n");
        var shown = commands.Where(command => !command.IsHidden).OrderBy(command => command.Name, StringComparer.Ordinal).ToArray();
        var width = Widest(Lists.Convert(shown, static command => command.Name));
        foreach (var command in shown)
            text.Append("   ").Append(command.Name.PadRight(width)).Append("  ").Append(command.Summary).Append('\n');
        text.Append("\nGLOBAL OPTIONS:\n");
        AppendOptions(text, [.. options, s_help]);
        return text.ToString();
    }

    private static void AppendOptions(StringBuilder text, IReadOnlyList<CommandOption> options)
    {
        var names = options.Select(Names).ToArray();
        var width = Widest(names);
        for (var i = 0; i < names.Length; i++)
            text.Append("   ").Append(names[i].PadRight(width)).Append("  ").Append(options[i].Text).Append('\n');
    }

    private static string Names(CommandOption option)
    {
        var value = option.Kind == OptionKind.Switch ? "" : " value";
        return option.Short is { } letter ? $"--{option.Name}{value}, -{letter}{value}" : $"--{option.Name}{value}";
    }

    private static int Widest(IReadOnlyList<string> words)
    {
        var widest = 0;
        foreach (var word in words)
            widest = Math.Max(widest, word.Length);
        return widest;
    }
}
