using System.Text;
using Sampan.Cli.Commands;
using Sampan.Linux.Io;

namespace Sampan.Cli.Registries;

/// <summary>Asks on the terminal for what must not be shown.</summary>
internal static class PasswordPrompt
{
    private const byte Interrupt = 3, EndOfInput = 4, Backspace = 8, Delete = 127, KillLine = 21;

    public static string Read(Invocation call, string question)
    {
        call.Error.Write(question);
        var typed = new List<byte>();
        using (TerminalMode.EnterRaw(0))
        {
            var key = new byte[1];
            while (call.Io.In.Read(key) == 1 && key[0] is not ((byte)'\r' or (byte)'\n' or EndOfInput))
            {
                switch (key[0])
                {
                    case Interrupt:
                        throw new CommandException("", 130);
                    case KillLine:
                        typed.Clear();
                        break;
                    case Backspace or Delete:
                        // A letter may be several bytes: all but the first begin with the bits 10.
                        while (typed.Count > 0)
                        {
                            byte last = typed[^1];
                            typed.RemoveAt(typed.Count - 1);
                            if ((last & 0xc0) != 0x80) break;
                        }
                        break;
                    default:
                        typed.Add(key[0]);
                        break;
                }
            }
        }
        call.Error.WriteLine();
        return Encoding.UTF8.GetString([.. typed]);
    }
}
