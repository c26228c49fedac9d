#compdef tenon
# Completion of tenon(1) for zsh.

_tenon_plugin() {
    local -a subcommands
    subcommands=(
        'new:make a project for a plugin'
        'check:try a plugin in child processes'
        'run:call one tool of a plugin'
        'list:say what a folder of plugins offers'
        'lock:record digests of plugins and definitions'
        'diff:say what a new version changes'
        'settings:print the settings that a plugin reads'
    )
    if (( CURRENT == 2 )); then
        _describe 'subcommand' subcommands
    else
        case $words[2] in
            new) _arguments '--c[in C]' ;;
            list) _directories ;;
            *) _files ;;
        esac
    fi
}

# Servers, tools, parameters, URIs and options, asked of tenon itself.
_tenon_client() {
    local -a candidates
    candidates=(${(f)"$($words[1] complete --word=$((CURRENT - 2)) -- "${(@Q)words[2,-1]}" 2>/dev/null </dev/null)"})
    compadd -S '' -- ${(M)candidates:#*=}
    compadd -- ${candidates:#*=}
}

_tenon() {
    local -a subcommands
    local state
    case $words[2] in
        list|call|read|prompt|login|shell|doctor) (( CURRENT > 2 )) && { _tenon_client; return } ;;
    esac
    subcommands=(
        'list:list what an MCP server offers'
        'call:call a tool of an MCP server'
        'read:read a resource of an MCP server'
        'prompt:get a prompt of an MCP server'
        'login:log in to an MCP server'
        'shell:use an MCP server by hand'
        'import:turn a client'\''s configuration into settings'
        'validate-config:check the settings'
        'print-config:print every setting with its default'
        'plugin:for authors of plugins'
        'token:print a JSON Web Token'
        'hash-password:print what auth.user.*.password takes'
        'doctor:examine a running server from outside'
        'serve:serve, as without a subcommand'
        'status:report the state of the running server'
        'stop:stop the running server'
        'reload:make the running server reread its settings'
    )
    _arguments \
        '--config=[settings]:file:_files' \
        '--stdio[serve one client over standard input and output]' \
        '--daemon[run in the background]' \
        '--pidfile=[write the process id there]:file:_files' \
        '--http.host=[address to listen on]:address' \
        '--http.port=[port, 0 for a free one]:port' \
        '--plugins.directory=[folder of plugins]:folder:_directories' \
        '--log.level=[how much is logged]:level:(fatal critical error warning notice information debug trace)' \
        '--log.file=[where it is logged]:file:_files' \
        '--help[show a summary]' \
        '--version[show the version]' \
        '1: :->subcommand' \
        '*:: :->rest' && return
    case $state in
        subcommand) _describe 'subcommand' subcommands ;;
        rest) case $words[1] in
            plugin) _tenon_plugin ;;
            *) _files ;;
        esac ;;
    esac
}

_tenon "$@"
