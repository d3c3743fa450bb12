using Sampan.Build.Execution;

namespace Sampan.Build.Tests;

public sealed class GitAddressTests
{
    [Theory]
    [InlineData("https://host/user/repo.git", "https://host/user/repo.git", null, null)]
    [InlineData("https://host/user/repo.git#v1.2", "https://host/user/repo.git", "v1.2", null)]
    [InlineData("https://host/user/repo.git#main:docker/app", "https://host/user/repo.git", "main", "docker/app")]
    [InlineData("https://host:8443/repo.git#:sub/", "https://host:8443/repo.git", null, "sub")]
    [InlineData("http://user:secret@host/repo.git#refs/pull/1/head", "http://user:secret@host/repo.git", "refs/pull/1/head", null)]
    [InlineData("git://host/repo", "git://host/repo", null, null)]
    [InlineData("git@host:user/repo.git#0123456789abcdef0123456789abcdef01234567", "git@host:user/repo.git", "0123456789abcdef0123456789abcdef01234567", null)]
    [InlineData("ssh://git@host:2222/user/repo", "ssh://git@host:2222/user/repo", null, null)]
    [InlineData("github.com/user/repo", "https://github.com/user/repo", null, null)]
    public void An_address_has_a_repository_a_reference_and_a_directory(string text, string url, string? reference, string? directory) =>
        GitAddress.Parse(text).ShouldBe(new GitAddress(url, reference, directory));

    // CVE-2019-13139, CVE-2017-1000117, CVE-2022-39253, CVE-2026-33748, GHSA-hw3h-2gp9-cxpv
    [Theory]
    [InlineData("git@host:--upload-pack=touch /tmp/x.git")]
    [InlineData("git@-oProxyCommand=x:repo.git")]
    [InlineData("ssh://-oProxyCommand=touch/repo")]
    [InlineData("ssh://-o@host/repo")]
    [InlineData("ssh://host/--option")]
    [InlineData("git@host::ext")]
    [InlineData("git://host/repo with blanks")]
    [InlineData("https://host/a b.git")]
    [InlineData("https://host/a\nb.git")]
    [InlineData("git://host/repo\u0000x")]
    [InlineData("git://host\\repo")]
    [InlineData("https://host/repo.git#--upload-pack=touch")]
    [InlineData("https://host/repo.git#-b")]
    [InlineData("https://host/repo.git#a..b")]
    [InlineData("https://host/repo.git#a b")]
    [InlineData("https://host/repo.git#main;id")]
    [InlineData("https://host/repo.git#main^{commit}")]
    [InlineData("https://host/repo.git#+refs/*:sub")]
    [InlineData("https://host/repo.git#main:../../etc")]
    [InlineData("https://host/repo.git#main:a/../../b")]
    public void An_option_a_command_a_helper_or_a_way_out_is_no_address(string text) => Should.Throw<BuildException>(() => GitAddress.Parse(text)).Message.ShouldStartWith("invalid git repository '");

    [Theory]
    [InlineData("file:///etc/repo.git")]
    [InlineData("ext::sh -c id")]
    [InlineData("/srv/repo.git")]
    [InlineData("https://host/file.tar")]
    public void Other_transports_mean_no_repository(string text) => GitAddress.IsOne(text).ShouldBeFalse();

    [Fact]
    public void A_password_is_in_no_message() =>
        Should.Throw<BuildException>(() => GitAddress.Parse("https://user:hidden@host/repo.git#--x")).Message.ShouldNotContain("hidden");
}
