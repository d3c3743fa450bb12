using System.Text;
using Sampan.Cli.Output;

namespace Sampan.Cli.Tests.Client;

/// <summary>How a command line ended that was run inside of the test.</summary>
internal sealed record CommandRun(int Code, string Out, string Error)
{
    public static Task<CommandRun> AgainstAsync(TestEngine engine, params string[] words) => AgainstAsync(engine, [], words);

    public static async Task<CommandRun> AgainstAsync(TestEngine engine, byte[] input, params string[] words) =>
        await WithAsync(name => name == "SAMPAN_HOST" ? "unix://" + engine.SocketPath : null, input, words);

    public static async Task<CommandRun> WithAsync(Func<string, string?> environment, byte[] input, params string[] words)
    {
        using var stdin = new MemoryStream(input);
        using var stdout = new MemoryStream();
        using var stderr = new MemoryStream();
        int code;
        using (var io = new StandardIo(stdin, stdout, stderr)) code = await CommandLine.RunAsync(words, io, environment, FixedTime.Noon).WaitAsync(TimeSpan.FromMinutes(2));
        return new CommandRun(code, Encoding.UTF8.GetString(stdout.ToArray()), Encoding.UTF8.GetString(stderr.ToArray()));
    }
}
