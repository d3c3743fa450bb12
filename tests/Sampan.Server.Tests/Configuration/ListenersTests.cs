using Microsoft.Extensions.Logging.Abstractions;
using Sampand.Configuration;
using Sampand.Host;

namespace Sampan.Server.Tests.Configuration;

public sealed class ListenersTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-listeners-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "engine.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Somebodys_file_at_the_sockets_path_stays()
    {
        File.WriteAllText(Path, "precious");

        Bind().Message.ShouldBe($"cannot listen on 'unix://{Path}': there is a file, which is no socket: remove it, or choose another path");
        File.ReadAllText(Path).ShouldBe("precious");
    }

    [Fact]
    public void Link_at_the_sockets_path_is_not_followed()
    {
        var target = System.IO.Path.Combine(_directory, "elsewhere");
        File.WriteAllText(target, "precious");
        File.CreateSymbolicLink(Path, target);

        Bind().Message.ShouldContain("there is a symbolic link, which is no socket");
        new FileInfo(Path).LinkTarget.ShouldBe(target);
        File.ReadAllText(target).ShouldBe("precious");
    }

    [Fact]
    public void Group_that_is_not_there_is_named() =>
        Should.Throw<ConfigurationException>(() => Listeners.Bind(Options(["--group", "no-such-group-here"]), NullLogger.Instance)).Message.ShouldStartWith("invalid value of 'group': 'no-such-group-here': unable to find group");

    private ConfigurationException Bind() => Should.Throw<ConfigurationException>(() => Listeners.Bind(Options([]), NullLogger.Instance));

    private DaemonOptions Options(string[] more) => DaemonOptions.From(CommandLine.Parse(["--host", $"unix://{Path}", "--exec-root", _directory, .. more]).Settings);
}
