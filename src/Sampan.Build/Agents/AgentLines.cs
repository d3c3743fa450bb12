using System.Threading.Channels;

namespace Sampan.Build.Agents;

/// <summary>
/// Lines to the SSH agents of clients whose builds run. A client keeps a line open for each agent that it forwards, under a name that it made up for
/// the build; whoever connects to an agent's socket in the build takes one, and the client opens the next. Keys never come here. Thread-safe.
/// </summary>
public sealed class AgentLines
{
    // Guards what follows. Somebody waits at each post: a build, or lines.
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Session, string Id), Post> _posts = [];

    internal AgentLines()
    {
    }

    /// <summary>Offers a line; returns when it was used, or never will be.</summary>
    /// <param name="session">The build, as the client names it.</param>
    /// <param name="id">The agent, as <c>RUN --mount=type=ssh,id=</c> names it.</param>
    /// <param name="input">What the agent answers.</param>
    /// <param name="output">What it is asked.</param>
    /// <param name="ct">Gives up.</param>
    public async Task ServeAsync(string session, string id, Stream input, Stream output, CancellationToken ct)
    {
        using var line = new AgentLine(input, output);
        var post = Enter((session, id));
        try
        {
            line.Open();
            // A build that is over wants no more.
            if (!post.Lines.Writer.TryWrite(line))
                line.Abandon();
            await line.ServeAsync(ct);
        }
        finally
        {
            Leave((session, id), post);
        }
    }

    /// <summary>A build begins that has these agents; disposed with it.</summary>
    internal AgentSession Begin(string session, IEnumerable<string> ids) => new(this, session, ids);

    private Post Enter((string Session, string Id) name)
    {
        lock (_gate)
        {
            if (!_posts.TryGetValue(name, out var post))
                _posts[name] = post = new Post();
            post.Users++;
            return post;
        }
    }

    private void Leave((string Session, string Id) name, Post post)
    {
        lock (_gate)
        {
            if (--post.Users == 0)
                _posts.Remove(name);
        }
    }

    /// <summary>A build with its agents.</summary>
    internal sealed class AgentSession : IBuildAgents
    {
        private readonly AgentLines _all;
        private readonly string _session;
        private readonly Dictionary<string, Post> _posts = new(StringComparer.Ordinal);

        internal AgentSession(AgentLines all, string session, IEnumerable<string> ids)
        {
            _all = all;
            _session = session;
            foreach (var id in ids.Distinct(StringComparer.Ordinal))
                _posts[id] = all.Enter((session, id));
        }

        /// <summary>Whether the client forwards this agent.</summary>
        public Task<bool> HasAsync(string id, CancellationToken ct) => Task.FromResult(_posts.ContainsKey(id));

        /// <summary>Talks with the agent for somebody who connected, until either ends.</summary>
        public async Task TalkAsync(string id, Stream connection, CancellationToken ct)
        {
            AgentLine line;
            do
            {
                line = await _posts[id].Lines.Reader.ReadAsync(ct);
            }
            while (!line.TryClaim());
            await line.TalkAsync(connection, ct);
        }

        /// <summary>Lets the client's lines go.</summary>
        public void Dispose()
        {
            foreach (var (id, post) in _posts)
            {
                post.Lines.Writer.TryComplete();
                while (post.Lines.Reader.TryRead(out var line))
                    line.Abandon();
                _all.Leave((_session, id), post);
            }
        }
    }

    private sealed class Post
    {
        internal Channel<AgentLine> Lines { get; } = Channel.CreateUnbounded<AgentLine>();

        internal int Users { get; set; }
    }
}
