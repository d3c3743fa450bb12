using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Images that an application is built of. Each test has images of its own, which go with its project.</summary>
public sealed class ComposeBuildTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task Images_are_built_as_the_file_says_and_again_only_when_something_changed()
    {
        await using var app = new Application(this, """
            services:
              web:
                build:
                  context: ./web
                  args: {WHO: "${WHO:-nobody}", FROM_OUTSIDE: }
                  target: wanted
                  labels: {a.b: c}
                  secrets: [token, {source: key, target: other}]
                command: sleep 1000
                init: true
              inline:
                build: {context: ./web, dockerfile_inline: "FROM busybox\nCOPY . /\nCMD [\"sleep\", \"1000\"]"}
                init: true
            secrets: {token: {file: ./token.txt}, key: {environment: KEY}}
            """);
        await app.WriteAsync("web/Dockerfile", """
            FROM busybox AS wanted
            ARG WHO
            ARG FROM_OUTSIDE=unset
            COPY page /page
            RUN --mount=type=secret,id=token --mount=type=secret,id=other echo "$WHO $FROM_OUTSIDE $(cat /run/secrets/token /run/secrets/other)" > /said
            FROM busybox
            RUN exit 1
            """);
        await app.WriteAsync("web/page", "one");
        await app.WriteAsync("web/ignored.txt", "must not be sent");
        await app.WriteAsync("web/.dockerignore", "ignored.txt");
        await app.WriteAsync("token.txt", "t0k3n");
        await app.WriteAsync(".env", $"KEY=k3y\nFROM_OUTSIDE={app.Name}\n");

        var built = await app.RunAsync("build");
        built.Succeeded();
        built.Saying("web  | Step ").Saying($"Image {app.Name}-web  Built").Saying($"Image {app.Name}-inline  Built");
        (await app.RunAsync("up", "-d", "--no-build")).Succeeded();
        (await app.RunAsync("exec", "-T", "web", "cat", "/said", "/page")).Lines.ShouldBe([$"nobody {app.Name} t0k3nk3y", "one"]);
        (await app.RunAsync("exec", "-T", "inline", "ls", "/page", "/ignored.txt")).Failed().Saying("/ignored.txt: No such file");
        (await InspectAsync(Clients.Sampan, $"{app.Name}-web", "{{index .Config.Labels \"a.b\"}} {{index .Config.Labels \"com.docker.compose.project\"}} {{index .Config.Labels \"com.docker.compose.service\"}}")).ShouldBe($"c {app.Name} web");

        var before = await app.IdsAsync();
        (await app.RunAsync("up", "-d", "--build")).Succeeded();
        (await app.IdsAsync()).ShouldBe(before, "nothing changed");

        await app.WriteAsync("web/page", "two");
        (await app.RunAsync("up", "-d")).Succeeded();
        (await app.IdsAsync()).ShouldBe(before, "the image is there, and nobody asked to build it");
        (await app.RunAsync("up", "-d", "--build", "--quiet-build")).Saying($"app.Name-web-1  Recreate (the image '{app.Name}-web' changed)".Replace("app.Name", app.Name, StringComparison.Ordinal)).Succeeded();
        (await app.RunAsync("exec", "-T", "web", "cat", "/page")).Text.ShouldBe("two");

        (await app.RunAsync("build", "-q", "--build-arg", "WHO=you", "web")).Succeeded();
        (await app.RunAsync("run", "--rm", "-T", "web", "cat", "/said")).Succeeded().ShouldStartWith("you ");
        (await app.RunAsync("down", "--rmi", "local", "-t", "0")).Succeeded();
        (await RunAsync(Clients.Sampan, "images", "-q", $"{app.Name}-web")).Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_build_that_fails_in_the_middle_is_told_with_its_line_and_nothing_is_made()
    {
        await using var app = new Application(this, """
            services:
              good: {build: {dockerfile_inline: "FROM busybox\nRUN true"}, command: sleep 1000, init: true}
              bad:
                build: {dockerfile_inline: "FROM busybox\nRUN echo so far; exit 7\nRUN true"}
              attested:
                build: {dockerfile_inline: "FROM busybox", provenance: true}
            """);

        var up = await app.RunAsync("up", "-d");
        up.Ended(1).Saying($"compose.yaml:4:5: services.bad.build: cannot build the image '{app.Name}-bad'").Saying("exit 7").Saying("bad  | so far")
            .Saying("compose.yaml:6:48: services.attested.build.provenance: 'provenance' is not supported");
        (await app.RunAsync("ps", "-aq")).Lines.ShouldBeEmpty("nothing is half made");
        (await RunAsync(Clients.Sampan, "network", "ls", "-q", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty();
        (await app.RunAsync("build", "-q", "bad")).Ended(1).Saying("bad  | so far");
        (await app.RunAsync("up", "-d", "--no-build", "bad")).Ended(1).Saying("--no-build forbids to build it");
        (await app.RunAsync("up", "-d", "good")).Succeeded();
        (await app.RunAsync("down", "--rmi", "local", "-t", "0")).Succeeded();
    }

    [Fact]
    public async Task Further_contexts_the_image_of_another_service_and_a_cache_in_a_directory()
    {
        await using var app = new Application(this, """
            services:
              web:
                build:
                  context: ./web
                  dockerfile_inline: "FROM base\nCOPY --from=lib /page /page\nRUN date +%N > /when"
                  additional_contexts: {base: "service:base", lib: ./lib}
                  cache_from: ["type=local,src=${CACHE}"]
                  cache_to: ["type=local,dest=${CACHE}"]
                command: sleep 1000
                init: true
              base: {build: {dockerfile_inline: "FROM busybox\nRUN --mount=type=ssh test -S $$SSH_AUTH_SOCK && echo base > /base", ssh: {default: ./key}}, command: sleep 1000, init: true}
            """);
        await app.WriteAsync("lib/page", "from the library");
        await app.WriteAsync("web/.keep", "");
        (await Shell.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(app.Directory, "key")])).Succeeded();
        await app.WriteAsync(".env", $"CACHE={Path.Combine(app.Directory, "cache")}\n");
        try
        {
            (await app.RunAsync("up", "-d", "web")).Succeeded();
            (await app.RunAsync("exec", "-T", "web", "cat", "/page", "/base")).Lines.ShouldBe(["from the librarybase"]);
            string when = (await app.RunAsync("exec", "-T", "web", "cat", "/when")).Succeeded();
            File.Exists(Path.Combine(app.Directory, "cache", "index.json")).ShouldBeTrue();
            (await app.RunAsync("build", "--check")).Ended(0).Saying($"{app.Name}-web  Checked");

            (await app.RunAsync("build", "web")).Saying("web  Built").Succeeded();
            (await app.RunAsync("run", "--rm", "-T", "--no-deps", "web", "cat", "/when")).Succeeded().ShouldBe(when);
        }
        finally
        {
            await app.RunAsync("down", "--rmi", "local", "-t", "0");
        }
    }
}
