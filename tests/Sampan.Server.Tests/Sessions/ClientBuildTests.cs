using System.Text;
using Sampan.Build;
using Sampan.Build.Clients;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Engine.Tests.Doubles;
using Sampan.Storage.Building;

namespace Sampan.Server.Tests.Sessions;

/// <summary>Builds of a client that stays connected and is slow.</summary>
public sealed class ClientBuildTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_that_fails_does_not_wait_for_a_context_that_is_still_sent()
    {
        await using var harbour = await Harbour.OpenAsync();
        await using var builder = await Builder.OpenAsync(harbour.Engine, [], _ => { }, Ct);
        var client = new SlowClient("FROM busybox AS a\nADD http://127.0.0.1:1/x /x\nFROM busybox AS b\nCOPY . /b\nFROM busybox\nCOPY --from=a /x /x\nCOPY --from=b /b /b\n");

        var failed = await Should.ThrowAsync<BuildException>(() => builder.BuildAsync(new BuildRequest { Client = client }, new Progress<BuildMessage>(), Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct));

        failed.Message.ShouldContain("no secrets today");
        client.IsGivenUp.ShouldBeTrue();
    }

    [Fact]
    public async Task A_context_of_which_nothing_is_taken_is_not_asked_for()
    {
        await using var harbour = await Harbour.OpenAsync();
        await using var builder = await Builder.OpenAsync(harbour.Engine, [], _ => { }, Ct);
        var client = new SlowClient("FROM busybox\nCOPY <<EOF /x\ntext\nEOF\nADD http://127.0.0.1:1/x /y\n", waits: false);

        var failed = await Should.ThrowAsync<BuildException>(() => builder.BuildAsync(new BuildRequest { Client = client }, new Progress<BuildMessage>(), Ct).WaitAsync(TimeSpan.FromSeconds(60), Ct));

        failed.Message.ShouldContain("no secrets today");
        client.IsAsked.ShouldBeFalse();
    }

    /// <summary>Sends a Dockerfile and never its context; its secrets fail, if it waits: once it is asked for the context.</summary>
    private sealed class SlowClient(string dockerfile, bool waits = true) : IBuildClient
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string ContextKey => "";

        public string ContextName => "slow";

        internal bool IsAsked => _asked.Task.IsCompleted;

        internal bool IsGivenUp { get; private set; }

        public async Task<IClientFiles> ListAsync(string directory, IReadOnlyList<string> follows, IReadOnlyList<string> excludes, CancellationToken ct)
        {
            if (directory == "dockerfile")
                return new Files(Encoding.UTF8.GetBytes(dockerfile));
            if (follows.Count > 0)
                return new Files(null);
            _asked.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                IsGivenUp = true;
            }
            return new Files(null);
        }

        public async Task<byte[]?> FindSecretAsync(string id, CancellationToken ct)
        {
            if (waits)
                await _asked.Task.WaitAsync(ct);
            throw new BuildException(ErrorKind.InvalidArgument, "no secrets today", null, null);
        }

        public Task<bool> HasAgentAsync(string id, CancellationToken ct) => Task.FromResult(false);

        public Task TalkAsync(string id, Stream connection, CancellationToken ct) => Task.CompletedTask;

        public Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken ct) => Task.FromResult<RegistryLogin?>(null);

        private sealed class Files(byte[]? content) : IClientFiles
        {
            IReadOnlyList<ReceivedFile> IClientFiles.Files { get; } = content is null ? [] : [new ReceivedFile("Dockerfile"u8.ToArray(), 0x81a4) { Size = content.Length }];

            public Task FetchAsync(SourceReceiver receiver, CancellationToken ct)
            {
                foreach (var (number, _) in receiver.Wanted)
                {
                    receiver.Take(number, content);
                    receiver.Take(number, []);
                }
                return Task.CompletedTask;
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
