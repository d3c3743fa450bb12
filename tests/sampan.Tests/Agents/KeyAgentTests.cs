using System.Diagnostics;
using System.Net.Sockets;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images.Agents;

namespace Sampan.Cli.Tests.Agents;

/// <summary>Keys of files, with OpenSSH's own programs as those who make them, ask the agent and check what it signed.</summary>
public sealed class KeyAgentTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-keys-").FullName;

    [Theory]
    [InlineData("ed25519", "256", "")]
    [InlineData("ecdsa", "256", "")]
    [InlineData("ecdsa", "384", "")]
    [InlineData("ecdsa", "521", "")]
    [InlineData("rsa", "2048", "")]
    [InlineData("rsa", "3072", "PEM")]
    [InlineData("rsa", "2048", "PKCS8")]
    [InlineData("ecdsa", "256", "PEM")]
    [InlineData("ecdsa", "384", "PKCS8")]
    public async Task What_the_agent_signs_with_a_file_OpenSSH_accepts(string kind, string bits, string form)
    {
        var key = Path.Combine(_directory, "key");
        (await RunAsync("ssh-keygen", ["-q", "-N", "", "-t", kind, "-b", bits, "-f", key, .. form.Length == 0 ? Array.Empty<string>() : ["-m", form]])).ExitCode.ShouldBe(0);
        using var read = PrivateKey.Read(key);
        var agent = new KeyAgent([(read, "key")]);
        var socket = Path.Combine(_directory, "agent");
        await using var serving = Served.Begin(agent, socket);
        var environment = new Dictionary<string, string> { ["SSH_AUTH_SOCK"] = socket };

        var listed = await RunAsync("ssh-add", ["-L"], environment);
        listed.Output.Split(' ')[1].ShouldBe((await File.ReadAllTextAsync(key + ".pub", TestContext.Current.CancellationToken)).Split(' ')[1]);

        // Only the agent has it now.
        File.Delete(key);
        var message = Path.Combine(_directory, "message");
        await File.WriteAllTextAsync(message, "to be signed", TestContext.Current.CancellationToken);
        var signed = await RunAsync("ssh-keygen", ["-q", "-Y", "sign", "-n", "file", "-f", key + ".pub", message], environment);
        signed.ExitCode.ShouldBe(0, signed.Output);
        var verified = await RunAsync("/bin/sh", ["-c", $"ssh-keygen -Y check-novalidate -n file -s {message}.sig < {message}"]);
        verified.ExitCode.ShouldBe(0, verified.Output);
        verified.Output.ShouldContain("Good \"file\" signature");
    }

    [Fact]
    public async Task A_key_with_a_passphrase_is_refused_with_the_way_to_use_it_and_none_of_its_content()
    {
        foreach (string form in new[] { "RFC4716", "PEM", "PKCS8" })
        {
            var key = Path.Combine(_directory, form);
            (await RunAsync("ssh-keygen", ["-q", "-N", "a passphrase", "-t", "ecdsa", "-m", form, "-f", key])).ExitCode.ShouldBe(0);
            Should.Throw<CommandException>(() => PrivateKey.Read(key)).Message.ShouldBe($"'{key}' is no SSH key that can be forwarded: it is protected by a passphrase: add it to an agent (ssh-add), and forward that");
        }
    }

    [Fact]
    public async Task The_agent_that_holds_a_key_ends_with_it()
    {
        var path = Path.Combine(_directory, "held");
        (await RunAsync("ssh-keygen", ["-q", "-N", "", "-t", "ecdsa", "-f", path])).ExitCode.ShouldBe(0);
        var key = HeldKey.Of(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        key.Sign("to be signed"u8, 0).ShouldNotBeNull();

        key.Dispose();

        // It was told to end, and takes its socket away.
        string? said = null;
        for (var until = DateTime.UtcNow.AddSeconds(60); said is null && DateTime.UtcNow < until; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            try
            {
                _ = key.Sign("to be signed"u8, 0);
            }
            catch (InvalidDataException gone)
            {
                said = gone.Message;
            }
        }
        said.ShouldNotBeNull().ShouldStartWith("the agent that was started for it ");
    }

    [Fact]
    public async Task Where_OpenSSH_is_missing_a_key_that_needs_it_is_refused_with_the_way_to_get_it()
    {
        var path = Path.Combine(_directory, "lonely");
        (await RunAsync("ssh-keygen", ["-q", "-N", "", "-t", "ecdsa", "-f", path])).ExitCode.ShouldBe(0);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Should.Throw<InvalidDataException>(() => HeldKey.Of(text, new Dictionary<string, string> { ["PATH"] = _directory })).Message
            .ShouldBe("for keys other than ed25519 ssh-agent and ssh-add are needed, which are not installed here (openssh-client)");
    }

    [Fact]
    public void What_is_no_key_is_refused_whatever_it_is()
    {
        var path = Path.Combine(_directory, "none");
        foreach (string text in new[]
        {
            "", "hello", "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END OPENSSH PRIVATE KEY-----",
            $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Convert.ToBase64String("openssh-key-v1\0\u007fxxxx"u8)}\n-----END OPENSSH PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----",
        })
        {
            File.WriteAllText(path, text);
            Should.Throw<CommandException>(() => PrivateKey.Read(path)).Message.ShouldStartWith($"'{path}' is no SSH key that can be forwarded: ");
        }
        Should.Throw<CommandException>(() => PrivateKey.Read(path + "x")).Message.ShouldStartWith($"cannot read SSH key '{path}x': ");
    }

    [Fact]
    public async Task A_signature_of_a_key_that_is_not_there_and_a_message_that_is_none_are_failures()
    {
        var agent = new KeyAgent([]);
        (await agent.AnswerAsync([AgentMessage.AskIdentities], TestContext.Current.CancellationToken)).ShouldBe([AgentMessage.Identities, 0, 0, 0, 0]);
        (await agent.AnswerAsync([AgentMessage.AskSignature, 0xff, 0xff, 0xff, 0xff], TestContext.Current.CancellationToken)).ShouldBe([AgentMessage.Failure]);
        (await agent.AnswerAsync([AgentMessage.AskSignature, .. AgentMessage.Fields([1], [2]), 0, 0, 0, 0], TestContext.Current.CancellationToken)).ShouldBe([AgentMessage.Failure]);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(22)]
    [InlineData(25)]
    [InlineData(27)]
    public void A_build_may_neither_add_remove_nor_lock_keys(byte message) => AgentMessage.IsAllowed([message, 0, 0, 0, 0]).ShouldBeFalse();

    [Fact]
    public void What_ssh_names_is_understood_or_refused()
    {
        Should.Throw<CommandException>(() => SshForwarding.Parse(["default"], _ => null)).Message.ShouldStartWith("--ssh default: there is no SSH agent (SSH_AUTH_SOCK is not set)");
        Should.Throw<CommandException>(() => SshForwarding.Parse(["=x"], _ => null)).Message.ShouldStartWith("invalid --ssh '=x'");
        Should.Throw<CommandException>(() => SshForwarding.Parse(["a", "a"], _ => "/agent")).Message.ShouldBe("--ssh 'a' is given twice");
        SshForwarding.Parse(["default", "b"], _ => "/agent").Ids.ShouldBe(["default", "b"]);
        SshForwarding.Parse([], _ => null).Session.ShouldBeNull();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task<(int ExitCode, string Output)> RunAsync(string file, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, words) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException(file);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    /// <summary>An agent behind a socket.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Task _serving;

        private Served(IAgent agent, string path)
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _serving = Task.Run(() => ServeAsync(agent));
        }

        public static Served Begin(IAgent agent, string path) => new(agent, path);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving;
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task ServeAsync(IAgent agent)
        {
            try
            {
                while (true)
                {
                    using var stream = new NetworkStream(await _listener.AcceptAsync(_stop.Token), ownsSocket: true);
                    using var connection = await agent.ConnectAsync(_stop.Token);
                    while (await AgentMessage.ReadAsync(stream, _stop.Token) is { } message)
                        await AgentMessage.WriteAsync(stream, AgentMessage.IsAllowed(message) ? await connection.AnswerAsync(message, _stop.Token) : [AgentMessage.Failure], _stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }
}
